import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Header } from '../../src/ledger/header.ts';
import { buildTimestampMs, clockVerdict, dueAtMs } from '../../src/protocol/pace.ts';

const parent = (timestampMs: number) => ({ timestampMs }) as Header;

describe('block time', () => {
  it('is due after the interval with a transaction, after the heartbeat without', () => {
    const config = { blockIntervalMs: 100, heartbeatMs: 5_000 };
    expect([dueAtMs(config, parent(1_000), true), dueAtMs(config, parent(1_000), false)]).toEqual([1_100, 6_000]);
  });

  it('is the clock, but always later than the parent', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (parentMs, nowMs) => {
        const builtMs = buildTimestampMs(parent(parentMs), nowMs);
        expect(builtMs).toBeGreaterThan(parentMs);
        expect(builtMs === nowMs || builtMs === parentMs + 1).toBe(true);
      }),
    );
  });

  it('waits exactly until a proposal is no longer too far ahead', () => {
    const config = { clockAheadMaxMs: 500, clockBehindMaxMs: 1_000 };
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (timestampMs, nowMs) => {
        const verdict = clockVerdict(config, parent(timestampMs), nowMs);
        if (typeof verdict === 'string') expect(verdict).toBe(timestampMs < nowMs - 1_000 ? 'refuse' : 'judge');
        else expect(clockVerdict(config, parent(timestampMs), nowMs + verdict.wait)).toBe('judge');
      }),
    );
  });
});

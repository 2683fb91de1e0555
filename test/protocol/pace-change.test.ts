import { describe, expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { clique } from '../../src/consensus/clique/index.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import { decodeBlock } from '../../src/ledger/block.ts';
import type { Ledger } from '../../src/protocol/ledger.ts';
import { CONFIG, toyCluster } from '../simulator/cluster-support.ts';
import { toyLedger } from '../simulator/toy-ledger.ts';

const CHANGE = 6;
const CALM = { ...CONFIG, confirmationDepth: 3 };
const BUSY = { ...CALM, heartbeatMs: 250 };
const PATIENT = { ...BUSY, roundTimeoutMs: 2 * CALM.roundTimeoutMs, confirmationDepth: 5 };

/** A ledger whose state says another pace from the block after height `CHANGE` on. */
const ledgerWith = (next: typeof CALM) => (): Ledger => ({
  ...toyLedger(),
  pace: (tip) => (tip.header.height < CHANGE ? CALM : next),
});

describe.each([
  ['qbft', qbft],
  ['simplex', simplex],
  ['clique', clique],
] as const)('a pace that governance changes, under %s', (name, engine) => {
  it.each([
    ['the heartbeat', BUSY],
    ['the heartbeat, and what an engine is begun with', PATIENT],
  ])('holds for running nodes from the block after on: %s', (_what, next) => {
    const cluster = toyCluster({ engine: engine as never, config: CALM, ledger: ledgerWith(next) });
    cluster.start();
    cluster.runUntil(() => cluster.allAt(20), 120_000);
    expect(cluster.allAt(20)).toBe(true);
    expect(cluster.checkers.violations).toEqual([]);
    const times = cluster
      .disk(1)
      .blocks(1 as Height, 20)
      .map(({ block }) => {
        const read = decodeBlock(block);
        return read.ok ? read.value.header.timestampMs : 0;
      });
    const gapMs = (height: number): number => (times[height - 1] as number) - (times[height - 2] as number);
    expect(gapMs(CHANGE - 1)).toBeGreaterThanOrEqual(CALM.heartbeatMs);
    // Blocks that were on their way when the change became durable keep the pace that they were begun with.
    const settled = CHANGE + 2 * CALM.confirmationDepth + 4;
    expect([name, gapMs(settled) < CALM.heartbeatMs, gapMs(settled) >= BUSY.heartbeatMs]).toEqual([name, true, true]);
    const tips = new Set(
      [0, 1, 2, 3].map((node) => toHex(cluster.disk(node).blocks(20 as Height, 1)[0]?.block ?? new Uint8Array(0))),
    );
    expect(tips.size).toBe(1);
  });
});

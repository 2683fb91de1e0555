import { describe, expect, it } from 'vitest';
import { cpuSecondsIn } from '../../src/bench/cpu-time.ts';
import { BATCH_MAX, PRESIGNED_MAX } from '../../src/bench/load-plan.ts';
import { type BenchOptions, settingsOf } from '../../src/bench/options.ts';

const options: BenchOptions = {
  engine: 'qbft',
  validators: 4,
  seconds: 10,
  batch: 128,
  blockMs: 1_000,
};

describe('the settings of a run', () => {
  it('sign ahead what the longest blocks could hold, and the transactions in flight', () => {
    const settings = settingsOf(options);
    expect(settings.pace).toEqual({ kind: 'closed', inFlight: 4_096 });
    expect(settings.warmUpMs).toBe(5_000);
    expect(settings.presigned).toBe(15 * 4_096 + 4_096);
  });

  it('keep more in flight where blocks wait for their depth, and as many as was asked for anywhere', () => {
    expect(settingsOf({ ...options, engine: 'clique' }).pace).toEqual({ kind: 'closed', inFlight: 8_192 });
    // The blocks that a depth waits for are filled one after another, not the first with all.
    expect(settingsOf({ ...options, engine: 'clique', blockMs: 500 }).rampMs).toBe(4_500);
    expect(settingsOf(options).rampMs).toBe(0);
    expect(settingsOf({ ...options, engine: 'clique', inFlight: 64 }).pace).toEqual({ kind: 'closed', inFlight: 64 });
    expect(settingsOf({ ...options, engine: 'simplex' }).pace).toEqual({ kind: 'closed', inFlight: 4_096 });
  });

  it('sign ahead what the schedule asks for', () => {
    const settings = settingsOf({ ...options, rate: 200 });
    expect(settings.pace).toEqual({ kind: 'open', perSecond: 200 });
    expect(settings.presigned).toBe(15 * 200 + 4 * 128);
  });

  it.each([
    ['an unknown engine', { engine: 'pow' }],
    ['a batch that no hospital takes', { batch: BATCH_MAX + 1 }],
    ['more than can be signed ahead', { seconds: 600, rate: PRESIGNED_MAX }],
  ])('refuse %s', (_, changed) => {
    expect(() => settingsOf({ ...options, ...changed })).toThrow(expect.objectContaining({ exitCode: 64 }));
  });
});

describe('CPU time', () => {
  it('is user and system time, whatever the process is called', () => {
    const stat = '42 (a ) odd) name) S 1 42 42 0 -1 4194560 1 2 3 4 250 50 7 8 20 0 11 0 1234 99 5';
    expect(cpuSecondsIn(stat)).toBe(3);
  });

  it('is unknown where the text says nothing', () => {
    expect(cpuSecondsIn('')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import type { LoadRun, RunBlock } from '../../src/bench/load-plan.ts';
import { accountsOf, loadedIn, measure, windowOf } from '../../src/bench/measure.ts';

const block = (height: number, atMs: number, applied: number, latenciesMs: number[] = []): RunBlock => ({
  height,
  announcedAtMs: [atMs - 5, atMs],
  applied,
  denied: 0,
  failed: 0,
  bytes: 100 * applied,
  latenciesMs,
});

const run = (blocks: readonly RunBlock[], changed: Partial<LoadRun> = {}): LoadRun => ({
  startedAtMs: 1_000,
  stoppedAtMs: 11_000,
  warmUpMs: 2_000,
  exhausted: false,
  submitted: 0,
  accepted: 0,
  refused: {},
  blocks,
  ...changed,
});

describe('the window', () => {
  it('goes from one block to another, behind the warm-up and before the end', () => {
    const blocks = [
      block(1, 2_000, 9),
      block(2, 3_100, 9),
      block(3, 4_100, 9),
      block(4, 10_100, 9),
      block(5, 11_001, 9),
    ];
    expect(windowOf(run(blocks))).toEqual({ openHeight: 2, closeHeight: 4, seconds: 7 });
  });

  it('knows how many of its blocks hold anything of this run', () => {
    const blocks = [block(1, 3_100, 9), block(2, 4_100, 0), block(3, 5_100, 9), block(4, 6_100, 0)];
    expect(loadedIn(run(blocks), { openHeight: 1, closeHeight: 4, seconds: 3 })).toBe(1);
  });

  it('takes a block for final when the last hospital has announced it', () => {
    const late = { ...block(4, 10_000, 9), announcedAtMs: [10_000, 11_500] };
    expect(windowOf(run([block(2, 3_100, 9), block(3, 4_100, 9), late]))?.closeHeight).toBe(3);
  });

  it('is none where it would not hold one whole block', () => {
    expect(windowOf(run([]))).toBeNull();
    expect(windowOf(run([block(2, 3_100, 9)]))).toBeNull();
  });
});

describe('what is measured', () => {
  it('counts the blocks behind the one that opens the window, and no other', () => {
    const blocks = [
      block(2, 3_000, 1_000, [1]),
      block(3, 4_000, 10, [20, 30]),
      block(4, 5_000, 30, [40]),
      block(5, 99_000, 1_000, [9_999]),
    ];
    const one = run(blocks);
    const window = windowOf(one);
    expect(window).not.toBeNull();
    expect(measure(one, window as NonNullable<typeof window>)).toEqual({
      seconds: 2,
      transactions: 40,
      perSecond: 20,
      latencyMs: { p50: 30, p95: 40, p99: 40, max: 40 },
      blocks: 2,
      blockIntervalMs: 1_000,
      transactionsPerBlock: { mean: 20, max: 30 },
      blockBytes: { mean: 2_000, max: 3_000 },
    });
  });

  it('finds what was accepted and is in no block', () => {
    const blocks = [{ ...block(1, 2_000, 5), denied: 2, failed: 1 }];
    expect(accountsOf(run(blocks, { submitted: 12, accepted: 10 }))).toEqual({
      submitted: 12,
      accepted: 10,
      applied: 5,
      denied: 2,
      failed: 1,
      lost: 2,
    });
  });
});

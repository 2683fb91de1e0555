import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/simulator/fault.ts';
import { GENESIS_MS } from '../../src/simulator/town.ts';
import { all, effects, fault, faultsSeen, planWith, type Watched, watch } from './plan-support.ts';

const EVERY_LINK = { from: null, to: null };

function struckBy(...faults: readonly Fault[]): Watched {
  return watch(planWith({ faults }));
}

/** When a node was seen to do anything of its own, in milliseconds since the genesis. */
const activeMs = ({ seen }: Watched, node: number): readonly number[] =>
  seen.flatMap(({ node: who, atMs, type }) => (who === node && type === 'input' ? [atMs - GENESIS_MS] : []));

const between = (times: readonly number[], fromMs: number, toMs: number): number =>
  times.filter((atMs) => atMs > fromMs && atMs < toMs).length;

/** Heights that a node committed, in order. */
const heightsOf = (watched: Watched, node: number): readonly number[] =>
  effects(watched, 'commit').flatMap((each) => (each.node === node ? [each.effect.height] : []));

const startsOf = (watched: Watched, node: number) => all(watched, 'started').filter((started) => started.node === node);

/** That the run ended well, and how often a kind was counted. */
function wellWith(watched: Watched, kind: string): number {
  expect([watched.outcome.stalled, watched.outcome.reason]).toEqual([false, null]);
  return watched.outcome.faults[kind] ?? 0;
}

describe('a fault of the network', () => {
  it('loses messages', () => {
    const watched = struckBy(fault({ kind: 'loss', links: EVERY_LINK, share: 0.3 }));
    expect(wellWith(watched, 'loss')).toBe(1);
    expect(watched.outcome.messages.lost).toBeGreaterThan(20);
  });

  it('duplicates them', () => {
    const watched = struckBy(fault({ kind: 'duplication', links: EVERY_LINK, share: 0.5 }));
    expect(wellWith(watched, 'duplication')).toBe(1);
    expect(watched.outcome.messages.duplicated).toBeGreaterThan(50);
  });

  it('lets them overtake each other', () => {
    const watched = struckBy(fault({ kind: 'reordering', links: EVERY_LINK }));
    expect(wellWith(watched, 'reordering')).toBe(1);
    expect(watched.outcome.messages.overtaken).toBeGreaterThan(5);
  });

  it('delays them, so that rounds end without a block', () => {
    const calm = struckBy();
    const watched = struckBy(fault({ kind: 'delay', links: EVERY_LINK, delayMaxMs: 10_000 }));
    expect(wellWith(watched, 'delay')).toBe(1);
    const roundsAbove0 = (each: Watched) =>
      effects(each, 'sign').filter(({ effect }) => effect.payload.round > 0).length;
    expect([roundsAbove0(calm), roundsAbove0(watched) > 0]).toEqual([0, true]);
  });

  it('stops a chain whose halves do not hear each other, until they do', () => {
    const watched = struckBy(fault({ kind: 'partition', group: [0, 1] }));
    expect(wellWith(watched, 'partition')).toBe(1);
    const commits = effects(watched, 'commit').map(({ sinceMs }) => sinceMs);
    expect(between(commits, 3_600, 8_000)).toBe(0);
    expect(watched.outcome.messages.cut).toBeGreaterThan(10);
  });

  it('leaves the direction that it does not cut', () => {
    const watched = struckBy(fault({ kind: 'one-way', from: [0], to: [1, 2, 3] }));
    expect(wellWith(watched, 'one-way')).toBe(1);
    const heard = (by: number, from: number) =>
      all(watched, 'input').filter(({ node, atMs, input }) => {
        const inside = atMs > GENESIS_MS + 3_600 && atMs < GENESIS_MS + 8_000;
        return node === by && inside && input.type === 'message' && numberOf(watched, input.from) === from;
      }).length;
    expect(heard(1, 0)).toBe(0);
    expect(heard(0, 1)).toBeGreaterThan(5);
  });

  it('flaps', () => {
    const watched = struckBy(fault({ kind: 'flapping', group: [0, 1], periodMs: 700 }));
    expect(wellWith(watched, 'flapping')).toBe(1);
    expect(watched.outcome.messages.cut).toBeGreaterThan(5);
  });

  it('tells both ends of a broken stream, and of the new one', () => {
    const watched = struckBy(fault({ kind: 'disconnect', nodes: [1, 3] }));
    expect(wellWith(watched, 'disconnect')).toBe(1);
    const told = (type: 'peerConnected' | 'peerDisconnected', sinceMs: number) =>
      all(watched, 'input').flatMap(({ node, atMs, input }) =>
        input.type === type && atMs === GENESIS_MS + sinceMs ? [node] : [],
      );
    expect(told('peerDisconnected', 3_000)).toEqual([1, 3]);
    expect(told('peerConnected', 8_000)).toEqual([1, 3]);
  });
});

const numberOf = (watched: Watched, id: Uint8Array): number => sortedIds(watched).indexOf(id.join());

const sortedIds = (watched: Watched): readonly string[] =>
  (all(watched, 'genesis')[0]?.validators ?? []).map(({ id }) => id.join());

describe('a fault of the process', () => {
  it('crashes it and starts it again, from what its disk holds', () => {
    const watched = struckBy(fault({ kind: 'crash', node: 2 }));
    expect(wellWith(watched, 'crash')).toBe(1);
    expect(between(activeMs(watched, 2), 3_000, 8_000)).toBe(0);
    expect(startsOf(watched, 2).map(({ atMs }) => atMs - GENESIS_MS)).toEqual([0, 8_000]);
    expect(heightsOf(watched, 2)).toEqual(heightsOf(watched, 2).map((_, i) => i + 1));
  });

  it('starts it again and again in a storm', () => {
    const watched = struckBy(fault({ kind: 'restart-storm', nodes: [0, 1, 2], periodMs: 800 }));
    expect(wellWith(watched, 'restart-storm')).toBe(1);
    expect(watched.outcome.faults['storm-restart']).toBeGreaterThanOrEqual(15);
    expect(startsOf(watched, 1).length).toBeGreaterThanOrEqual(6);
  });

  it.each(['commit', 'persistSigningState'] as const)('cuts the power of all nodes in the middle of a %s', (on) => {
    for (const afterMs of [0, 3, 10]) {
      const watched = struckBy(fault({ kind: 'power-cut', nodes: [0, 1, 2, 3], on, afterMs }));
      expect(wellWith(watched, 'power-cut')).toBe(1);
      const crashed = all(watched, 'crashed');
      expect(crashed.map(({ node }) => node)).toEqual([0, 1, 2, 3]);
      expect(new Set(crashed.map(({ atMs }) => atMs)).size).toBe(1);
    }
  });

  it('lets it stand still: what arrives meanwhile is taken in afterwards', () => {
    const watched = struckBy(fault({ kind: 'pause', node: 1 }));
    expect(wellWith(watched, 'pause')).toBe(1);
    expect(between(activeMs(watched, 1), 3_000, 8_000)).toBe(0);
    expect(activeMs(watched, 1).filter((atMs) => atMs === 8_000).length).toBeGreaterThan(20);
    expect(startsOf(watched, 1).length).toBe(1);
  });

  it('lets a follower begin late, with a copy of another node’s chain, verified', () => {
    const faults = [{ ...fault({ kind: 'late-start', node: 4, from: 'snapshot' }), atMs: 0 }];
    const watched = watch(planWith({ followers: 1, faults }));
    expect(wellWith(watched, 'late-start')).toBe(1);
    const [start] = startsOf(watched, 4);
    expect(start?.atMs).toBe(GENESIS_MS + 8_000);
    expect(start?.height).toBeGreaterThan(2);
    expect(heightsOf(watched, 4)[0]).toBe((start?.height ?? 0) + 1);
    expect(watched.outcome.faults.snapshot).toBe(1);
  });

  it('puts its clock forward and back', () => {
    const watched = struckBy(fault({ kind: 'clock-jump', node: 0, byMs: 3_000 }));
    expect(wellWith(watched, 'clock-jump')).toBe(1);
    const times = effects(watched, 'commit').flatMap(({ node, sinceMs, effect }) =>
      node === 1 ? [effect.block.header.timestampMs - GENESIS_MS - sinceMs] : [],
    );
    expect(Math.max(...times)).toBeGreaterThan(0);
  });
});

describe('a fault of the disk', () => {
  it('tears the write under way: the node starts again with it whole or without it', () => {
    for (const seed of [1, 2, 3]) {
      const watched = watch(planWith({ seed, faults: [fault({ kind: 'torn-write', node: 1 })] }));
      expect(wellWith(watched, 'torn-write')).toBe(1);
      expect(startsOf(watched, 1).length).toBe(2);
      expect(effects(watched, 'signingRefused')).toEqual([]);
    }
  });

  it('fails one write: the node stops with a code of storage, and starts again', () => {
    const watched = struckBy(fault({ kind: 'io-error', node: 3 }));
    expect(wellWith(watched, 'io-error')).toBe(1);
    expect(faultsSeen(watched, 'stopped').map(({ node, detail }) => [node, detail])).toEqual([
      [3, 'storage.write-failed'],
    ]);
    expect(startsOf(watched, 3).length).toBe(2);
  });

  it('is full for a while: the node stops at each write, and goes on when there is room', () => {
    const watched = struckBy(fault({ kind: 'full-disk', node: 3 }));
    expect(wellWith(watched, 'full-disk')).toBe(1);
    expect(faultsSeen(watched, 'stopped').length).toBeGreaterThanOrEqual(2);
    const commits = effects(watched, 'commit').flatMap(({ node, sinceMs }) => (node === 3 ? [sinceMs] : []));
    // A write that fails may have reached the disk all the same: one block for each stop.
    expect(between(commits, 3_000, 8_000)).toBeLessThanOrEqual(faultsSeen(watched, 'stopped').length);
    expect(between(commits, 8_000, 99_000)).toBeGreaterThan(0);
  });

  it('is slow', () => {
    const watched = struckBy(fault({ kind: 'slow-disk', node: 0, writeMs: 600 }));
    expect(wellWith(watched, 'slow-disk')).toBe(1);
    const late = (node: number) =>
      effects(watched, 'commit').find((each) => each.node === node && each.sinceMs > 5_000);
    expect((late(0)?.sinceMs ?? 0) - (late(1)?.sinceMs ?? 0)).toBeGreaterThan(200);
  });

  it('gives up old states in the middle of a run', () => {
    const watched = struckBy(
      fault({ kind: 'pruning', node: 0, keepHeights: 0 }),
      fault({ kind: 'pruning', node: 1, keepHeights: 1 }),
    );
    expect(wellWith(watched, 'pruning')).toBe(2);
    expect(heightsOf(watched, 0).length).toBeGreaterThanOrEqual(12);
  });
});

describe('a state-losing fault', () => {
  const refusals = (watched: Watched) =>
    effects(watched, 'signingRefused').map(({ node, effect }) => [node, effect.code]);
  const signedAfter = (watched: Watched, node: number, sinceMs: number) =>
    effects(watched, 'sign').filter((each) => each.node === node && each.sinceMs > sinceMs).length;

  it.each(['genesis', 'snapshot'] as const)(
    'wipes the disk: the node comes back from a %s, follows, and never signs',
    (from) => {
      const watched = struckBy(fault({ kind: 'wiped-disk', node: 2, from }));
      expect(wellWith(watched, 'wiped-disk')).toBe(1);
      const again = startsOf(watched, 2)[1];
      expect([again?.diskLost, (again?.height ?? 0) > 0]).toEqual([true, from === 'snapshot']);
      expect(refusals(watched)).toEqual([[2, 'signing-record.lost']]);
      expect(signedAfter(watched, 2, 3_000)).toBe(0);
      expect(Math.max(...heightsOf(watched, 2))).toBeGreaterThanOrEqual(12);
    },
  );

  it('flips a bit of the chain: the node stops with a code, is synced anew, and may sign on', () => {
    for (const seed of [1, 2, 3]) {
      const watched = watch(planWith({ seed, faults: [fault({ kind: 'flipped-bit', node: 1, where: 'chain' })] }));
      expect(wellWith(watched, 'flipped-bit')).toBe(1);
      const codes = new Set(faultsSeen(watched, 'stopped').map(({ detail }) => detail));
      expect([...codes].every((code) => code === 'storage.corrupt' || code === 'storage.tip-damaged')).toBe(true);
      if (codes.size > 0) expect(startsOf(watched, 1).some(({ diskLost }) => diskLost)).toBe(true);
      expect(refusals(watched)).toEqual([]);
    }
  });

  it('flips a bit of the signing file: the key never signs again', () => {
    const watched = struckBy(fault({ kind: 'flipped-bit', node: 1, where: 'signing' }));
    expect(wellWith(watched, 'flipped-bit')).toBe(1);
    expect(refusals(watched)).toEqual([[1, 'signing-record.lost']]);
    expect(signedAfter(watched, 1, 8_000)).toBe(0);
  });

  it('puts an old signing file back: found out by its sequence, and the key never signs again', () => {
    const watched = struckBy(fault({ kind: 'old-backup', node: 0 }));
    expect(wellWith(watched, 'old-backup')).toBe(1);
    expect(refusals(watched)).toEqual([[0, 'signing-record.outdated']]);
    expect(signedAfter(watched, 0, 8_000)).toBe(0);
  });
});

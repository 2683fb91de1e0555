import { describe, expect, it } from 'vitest';
import { type CpuProfile, joinSummaries, placeOf, summariseProfile } from '../../src/bench/profile-summary.ts';

const OURS = 'file:///anywhere/dist/src/ledger/judge-block.js';
const LIBRARY = 'file:///anywhere/node_modules/@ipld/dag-cbor/src/index.js';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 0 },
  children,
});

/** root → judge → (encode, judge again); idle beside it. Samples stand for the time until the next. */
const profile: CpuProfile = {
  startTime: 1_000,
  nodes: [
    node(1, '(root)', '', [2, 5]),
    node(2, 'judge', OURS, [3, 4]),
    node(3, 'encode', LIBRARY),
    node(4, 'judge', OURS),
    node(5, '(idle)', ''),
  ],
  samples: [2, 3, 4, 5, 2],
  timeDeltas: [0, 10, 20, 30, 40],
};

describe('a profile, summarised', () => {
  it('gives each sample the time until the next, and idleness no share', () => {
    const summary = summariseProfile(profile);
    expect(summary.busyMicroseconds).toBe(10 + 20 + 30);
    expect(summary.idleMicroseconds).toBe(40);
    expect(summary.byPlace).toEqual([
      { name: 'src/ledger', microseconds: 40 },
      { name: '@ipld/dag-cbor', microseconds: 20 },
    ]);
  });

  it('counts a function that calls itself once, with all that it calls', () => {
    expect(summariseProfile(profile).byCall).toEqual([{ name: 'judge src/ledger/judge-block', microseconds: 60 }]);
  });

  it('looks at the window alone, and cuts samples at its ends', () => {
    const summary = summariseProfile(profile, { fromMicroseconds: 1_005, toMicroseconds: 1_015 });
    expect(summary.busyMicroseconds).toBe(10);
    expect(summary.byPlace).toEqual([
      { name: '@ipld/dag-cbor', microseconds: 5 },
      { name: 'src/ledger', microseconds: 5 },
    ]);
  });

  it('of several processes is their sum', () => {
    const one = summariseProfile(profile);
    const both = joinSummaries([one, one]);
    expect(both.busyMicroseconds).toBe(2 * one.busyMicroseconds);
    expect(both.byPlace[0]).toEqual({ name: 'src/ledger', microseconds: 80 });
  });

  it.each([
    ['file:///a/src/base/bytes.ts', 'concat', 'src/base'],
    ['file:///a/dist/src/consensus/qbft/step.js', 'step', 'src/consensus'],
    ['file:///a/node_modules/secp256k1/lib/index.js', 'verify', 'secp256k1'],
    ['file:///a/node_modules/x/node_modules/@y/z/src/vm/w.js', 'f', '@y/z'],
    ['node:net', 'read', 'node:net'],
    ['', '(garbage collector)', '(garbage collector)'],
    ['', 'writeBuffer', '(native)'],
  ])('puts %s %s to %s', (url, name, place) => {
    expect(placeOf(url, name)).toBe(place);
  });
});

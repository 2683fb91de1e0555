import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { decodeSigningState } from '../../src/consensus/signing-state.ts';
import { afterPrepares, all, block, commit, follower, H1, leader, parentOf, proposal, rival, Solo } from './solo.ts';

describe('the pace', () => {
  it('is asked for at every start, and only its own answer counts', () => {
    const solo = new Solo(leader(0));
    solo.start();
    expect(solo.of('pace')).toEqual([{ type: 'pace', parentHash: parentOf(H1) }]);
    expect(solo.feed({ type: 'due', parentHash: block.hash })).toEqual([]);
    expect(solo.of('build')).toEqual([]);
    solo.due();
    expect(solo.of('build')).toEqual([{ type: 'build', height: 1, round: 0, parentHash: parentOf(H1) }]);
    solo.start(null, height(2));
    expect(solo.of('pace').at(-1)).toEqual({ type: 'pace', parentHash: parentOf(height(2)) });
  });

  it('does not let a block built on another parent be proposed', () => {
    const solo = new Solo(leader(0));
    solo.start();
    solo.due();
    const { block: bytes, hash: blockHash } = block;
    solo.feed({ type: 'built', round: round(0), parentHash: block.hash, blockHash, block: bytes, changesSet: false });
    expect(solo.signed()).toEqual([]);
  });
});

describe('the head', () => {
  it('is the block judged valid, then the decided one, and never what is only claimed', () => {
    const solo = new Solo(follower);
    expect(qbft.head(solo.state)).toBeNull();
    solo.start();
    solo.hear(proposal(leader(0), block));
    expect(qbft.head(solo.state)).toBeNull();
    solo.judged(block.hash, true);
    expect(qbft.head(solo.state)).toEqual({ height: 1, blockHash: block.hash });
    solo.hear(...all.map((member) => commit(member, block.hash)));
    expect(solo.of('commit').length).toBe(1);
    expect(qbft.head(solo.state)).toEqual({ height: 1, blockHash: block.hash });
    solo.start(null, height(2));
    expect(qbft.head(solo.state)).toBeNull();
  });
});

describe('the durable record', () => {
  it('holds the block once in a height without faults: with the commit', () => {
    const persists = afterPrepares().of('persist');
    const prepared = persists.map(({ signingState }) => {
      const read = decodeSigningState(signingState);
      return read.ok && read.value.prepared !== null;
    });
    expect(prepared).toEqual([false, true]);
  });

  it('permits the host exactly what the engine asked to sign', () => {
    const solo = afterPrepares();
    const durable = solo.lastPersisted();
    const asked = solo.of('sign').map(({ payload }) => payload);
    for (const vote of asked) {
      expect(qbft.permits(durable, vote)).toBe(true);
      expect(qbft.permits(durable, { ...vote, blockHash: rival.hash })).toBe(false);
      expect(qbft.permits(durable, { ...vote, round: round(3) })).toBe(false);
      expect(qbft.permits(durable, { ...vote, height: height(2) })).toBe(false);
      expect(qbft.permits(durable, { ...vote, engine: 'simplex' })).toBe(false);
      expect(qbft.permits(durable.slice(1), vote)).toBe(false);
    }
  });
});

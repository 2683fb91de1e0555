import { describe, expect, it } from 'vitest';
import type { Height, Round } from '../../src/base/brand.ts';
import { encodeEvidence, evidenceOf } from '../../src/consensus/evidence.ts';
import { signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { EvidencePool } from '../../src/protocol/evidence-pool.ts';
import { PROTOCOL_LIMITS } from '../../src/protocol/limits.ts';
import { addressOfKey, chainId, hashOf, heightOf, primitives, secretOf } from './support.ts';

function signed(name: string, height: number, block: string) {
  const ballot = { round: 0 as Round, type: 'seal', blockHash: hashOf(block), preparedRound: null, preparedHash: null };
  const vote = voteOf({ chainId, engine: 'clique' }, height as Height, ballot);
  return signedVoteOf(vote, addressOfKey(name), primitives.sign(voteDigest(primitives, vote), secretOf(name)));
}
const doubleSeal = (height: number, [a, b] = ['a', 'b'], name = 'traitor'): Uint8Array =>
  encodeEvidence(evidenceOf('clique', signed(name, height, a as string), signed(name, height, b as string)));

const poolOf = (...evidence: readonly Uint8Array[]): EvidencePool => {
  const pool = new EvidencePool(primitives);
  for (const bytes of evidence) pool.add(bytes);
  return pool;
};

describe('evidence that waits', () => {
  it('is kept while its height is still to come, and offered to no block below', () => {
    const [now, later] = [doubleSeal(7), doubleSeal(9)];
    const pool = poolOf(now, later);
    expect(pool.list(heightOf(8))).toEqual([now]);
    pool.refused(heightOf(8), [now]);
    expect(pool.list(heightOf(9))).toEqual([now, later]);
  });

  it('is dropped once a block of its height or above would not take it', () => {
    const pool = poolOf(doubleSeal(9));
    pool.refused(heightOf(9), []);
    expect(pool.size).toBe(0);
  });

  it('is dropped where no engine of this chain can have come yet, so that a liar fills no pool', () => {
    const last = 8 + PROTOCOL_LIMITS.evidenceAheadMax;
    const pool = poolOf(doubleSeal(last), doubleSeal(last + 1));
    pool.refused(heightOf(8), []);
    expect(pool.list(heightOf(last + 1))).toEqual([doubleSeal(last)]);
  });

  it('is one piece for one offence, and gone with the block that shows it, by whichever votes', () => {
    const pool = poolOf(doubleSeal(9), doubleSeal(9, ['a', 'c']), doubleSeal(9, ['a', 'b'], 'another'));
    expect(pool.size).toBe(2);
    pool.settle([doubleSeal(9, ['b', 'c'])]);
    expect(pool.list(heightOf(9))).toEqual([doubleSeal(9, ['a', 'b'], 'another')]);
  });

  it('is a bounded number', () => {
    const pool = poolOf(...Array.from({ length: PROTOCOL_LIMITS.evidenceMax + 1 }, (_, i) => doubleSeal(i + 1)));
    expect(pool.size).toBe(PROTOCOL_LIMITS.evidenceMax);
  });
});

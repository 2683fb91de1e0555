import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height, Round, Signature } from '../../src/base/brand.ts';
import type { EngineName } from '../../src/consensus/engine.ts';
import { digestOf, type SignedVote, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const vote: SignedVote = {
  type: 'commit',
  round: 2 as Round,
  height: 7 as Height,
  blockHash: filled(32, 1) as Hash,
  signature: filled(65, 2) as Signature,
  validator: filled(20, 3) as Address,
  preparedHash: null,
  preparedRound: null,
};
const contexts = (['qbft', 'simplex'] as readonly EngineName[]).flatMap((engine) =>
  [4, 5].map((chain) => ({ engine, chainId: filled(32, chain) as Hash })),
);

describe('the digest of a vote', () => {
  it('is that of its payload, however often and for whichever chain and engine it was asked before', () => {
    for (const context of [...contexts, ...contexts.toReversed()]) {
      const expected = voteDigest(noblePrimitives, voteOf(context, vote.height, vote));
      expect(digestOf(noblePrimitives, context, vote)).toEqual(expected);
      expect(digestOf(noblePrimitives, context, vote)).toEqual(expected);
    }
  });

  it('differs between chains and between engines', () => {
    const digests = contexts.map((context) => digestOf(noblePrimitives, context, vote).join());
    expect(new Set(digests).size).toBe(contexts.length);
  });
});

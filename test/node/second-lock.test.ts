import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height, Round } from '../../src/base/brand.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { encodeSigningState } from '../../src/consensus/signing-state.ts';
import { type Ballot, voteDigest } from '../../src/consensus/vote.ts';
import { VoteSigner } from '../../src/node/second-lock.ts';
import { encodeSigningRecord } from '../../src/protocol/recovery.ts';
import { hospitalKeys, primitives, seeded } from '../support/consortium.ts';

const chainId = seeded('chain', 32) as Hash;
const [blockA, blockB] = [seeded('a', 32) as Hash, seeded('b', 32) as Hash];
const { validator } = hospitalKeys(1);

const ballot = (blockHash: Hash, round = 0, type = 'prepare'): Ballot => ({
  round: round as Round,
  type,
  blockHash,
  preparedRound: null,
  preparedHash: null,
});
const voteOf = (each: Ballot, height = 5): Vote => ({ chainId, engine: 'qbft', height: height as Height, ...each });

const recordOf = (height: number, round: number, ...votes: readonly Ballot[]): Uint8Array =>
  encodeSigningRecord({
    version: 1,
    chainId,
    engine: 'qbft',
    validator: seeded('id', 20) as Address,
    validatorKey: primitives.publicKeyOf(validator),
    sequence: 1,
    height: height as Height,
    state:
      votes.length === 0
        ? null
        : encodeSigningState({ height: height as Height, round: round as Round, votes, prepared: null }),
  });

const signerAt = (record: Uint8Array | null): VoteSigner => {
  const signer = new VoteSigner(primitives, qbft, validator);
  if (record !== null) signer.recorded(record);
  return signer;
};
const refused = (signer: VoteSigner, vote: Vote): void =>
  expect(() => signer.sign(vote)).toThrow(expect.objectContaining({ code: 'node.unrecorded-vote' }));

describe('the second lock', () => {
  it('signs a vote that the durable record holds', () => {
    const vote = voteOf(ballot(blockA));
    const signature = signerAt(recordOf(5, 0, ballot(blockA))).sign(vote);
    const publicKey = primitives.publicKeyOf(validator);
    expect(primitives.verify(voteDigest(primitives, vote), signature, publicKey)).toBe(true);
  });

  it('signs nothing before a record is durable, nor from one without votes or that cannot be read', () => {
    const vote = voteOf(ballot(blockA));
    refused(signerAt(null), vote);
    refused(signerAt(recordOf(5, 0)), vote);
    refused(signerAt(new Uint8Array([1, 2, 3])), vote);
  });

  it.each([
    ['another block at the same place', voteOf(ballot(blockB))],
    ['a round that is not recorded', voteOf(ballot(blockA, 1))],
    ['a type that is not recorded', voteOf(ballot(blockA, 0, 'commit'))],
    ['an older height', voteOf(ballot(blockA), 4)],
    ['a later height', voteOf(ballot(blockA), 6)],
  ])('refuses %s', (_, vote) => {
    refused(signerAt(recordOf(5, 0, ballot(blockA))), vote);
  });

  it('forgets what an earlier record held', () => {
    const signer = signerAt(recordOf(5, 0, ballot(blockA)));
    signer.recorded(recordOf(6, 0, ballot(blockB)));
    refused(signer, voteOf(ballot(blockA)));
    expect(signer.sign(voteOf(ballot(blockB), 6))).toHaveLength(65);
  });
});

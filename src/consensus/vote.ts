import type { Address, Hash, Height, Round, Signature } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { Validator, ValidatorSet } from '../base/validators.ts';
import type { ConsensusCode } from './codes.ts';
import type { EngineName, Vote } from './engine.ts';

/** What a vote says at a height that is known from elsewhere. The chain, the engine and the height complete it to a `Vote`. */
export interface Ballot {
  readonly round: Round;
  readonly type: string;
  readonly blockHash: Hash;
  readonly preparedRound: Round | null;
  readonly preparedHash: Hash | null;
}

/** A vote as it travels. Chain id and engine are those of the reader: a foreign vote fails its signature. */
export interface SignedVote extends Ballot {
  readonly height: Height;
  readonly validator: Address;
  readonly signature: Signature;
}

/** The chain and the engine that a vote's signature binds and its encoding leaves out. */
export interface VoteContext {
  readonly chainId: Hash;
  readonly engine: EngineName;
}

/** The block hash of a vote that names no block. */
export const NO_BLOCK = new Uint8Array(32) as Hash;

/** Here and below: fields in canonical order, which need no sorting when they are encoded. */
const ballotFields = {
  type: shape.text(32, /^[a-z]+(-[a-z]+)*$/),
  round: shape.roundShape,
  blockHash: shape.hash,
  preparedHash: shape.nullable(shape.hash),
  preparedRound: shape.nullable(shape.roundShape),
};

export const ballotShape: shape.Shape<Ballot> = shape.struct(ballotFields);

export const signedVoteShape: shape.Shape<SignedVote> = shape.struct({
  type: ballotFields.type,
  round: ballotFields.round,
  height: shape.heightShape,
  blockHash: ballotFields.blockHash,
  signature: shape.signature,
  validator: shape.address,
  preparedHash: ballotFields.preparedHash,
  preparedRound: ballotFields.preparedRound,
});

/** The canonical bytes that a validator signs (QBFT-2). */
export const voteBytes = (vote: Vote): Uint8Array =>
  encode({
    type: vote.type,
    round: vote.round,
    engine: vote.engine,
    height: vote.height,
    chainId: vote.chainId,
    blockHash: vote.blockHash,
    preparedHash: vote.preparedHash,
    preparedRound: vote.preparedRound,
  });

export const voteDigest = (primitives: Primitives, vote: Vote): Hash =>
  signingDigest(primitives, 'vote', voteBytes(vote));

/** A ballot of a height that it names. */
type Placed = Ballot & Pick<SignedVote, 'height'>;

const digests = new WeakMap<Placed, VoteContext & { readonly digest: Hash }>();

/** The digest of a vote that may be asked about again: encoded and hashed once, for it never changes. */
export function digestOf(primitives: Primitives, { chainId, engine }: VoteContext, vote: Placed): Hash {
  const known = digests.get(vote);
  if (known !== undefined && known.engine === engine && equal(known.chainId, chainId)) return known.digest;
  const digest = voteDigest(primitives, voteOf({ chainId, engine }, vote.height, vote));
  digests.set(vote, { chainId, engine, digest });
  return digest;
}

export const voteOf = (context: VoteContext, height: Height, ballot: Ballot): Vote => ({
  chainId: context.chainId,
  engine: context.engine,
  height,
  round: ballot.round,
  type: ballot.type,
  blockHash: ballot.blockHash,
  preparedRound: ballot.preparedRound,
  preparedHash: ballot.preparedHash,
});

export const signedVoteOf = (vote: Vote, validator: Address, signature: Signature): SignedVote => ({
  type: vote.type,
  round: vote.round,
  height: vote.height,
  blockHash: vote.blockHash,
  signature,
  validator,
  preparedHash: vote.preparedHash,
  preparedRound: vote.preparedRound,
});

/** Whether two ballots of one height sign the same payload. */
export const sameBallot = (a: Ballot, b: Ballot): boolean =>
  a.round === b.round &&
  a.type === b.type &&
  equal(a.blockHash, b.blockHash) &&
  a.preparedRound === b.preparedRound &&
  sameHash(a.preparedHash, b.preparedHash);

const sameHash = (a: Hash | null, b: Hash | null): boolean => (a === null || b === null ? a === b : equal(a, b));

export const memberOf = (set: ValidatorSet, id: Address): Validator | undefined =>
  set.find((member) => equal(member.id, id));

/** That a member of the set signed this vote on this chain, for this engine. */
export function verifyVote(
  primitives: Primitives,
  context: VoteContext,
  set: ValidatorSet,
  signed: SignedVote,
): Result<null, ConsensusCode> {
  const member = memberOf(set, signed.validator);
  if (member === undefined) return refuse('consensus-vote.stranger');
  const digest = voteDigest(primitives, voteOf(context, signed.height, signed));
  return primitives.verify(digest, signed.signature, member.publicKey)
    ? ok(null)
    : refuse('consensus-vote.bad-signature');
}

import type { Hash, Height, Round } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import { type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { DecodeCode } from './codes.ts';
import type { Vote } from './engine.ts';
import { type Ballot, ballotShape, type SignedVote, sameBallot, signedVoteShape } from './vote.ts';

/** A block that a quorum prepared in one round, with the prepares that show it. */
export interface Prepared {
  readonly round: Round;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly prepares: readonly SignedVote[];
}

/** What a validator must not forget: the bytes of `persist` (QBFT-10). Newer heights replace it whole. */
export interface SigningState {
  readonly height: Height;
  readonly round: Round;
  /** Every vote of the last `SIGNING_ROUNDS_MAX` rounds. An older round is never voted in again. */
  readonly votes: readonly Ballot[];
  readonly prepared: Prepared | null;
}

/** Rounds of one height whose votes are remembered. A vote of an older round is refused unseen. */
export const SIGNING_ROUNDS_MAX = 256;
/** Proposal, prepare, commit and round change of each remembered round, the present one included. */
const VOTES_MAX = 4 * (SIGNING_ROUNDS_MAX + 1);

const preparedShape: shape.Shape<Prepared> = shape.struct({
  round: shape.roundShape,
  blockHash: shape.hash,
  block: shape.bytes(0, LIMITS.blockBytesMax),
  prepares: shape.list(signedVoteShape, LIMITS.validatorsMax),
});

const signingStateShape: shape.Shape<SigningState> = shape.struct({
  height: shape.heightShape,
  round: shape.roundShape,
  votes: shape.list(ballotShape, VOTES_MAX),
  prepared: shape.nullable(preparedShape),
});

export const encodeSigningState = (state: SigningState): Uint8Array => encode(state as unknown as Canonical);

export function decodeSigningState(bytes: Uint8Array): Result<SigningState, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const read = signingStateShape(value.value, '');
  if (!read.ok) return read;
  return agreesWithItself(read.value) ? read : refuse('consensus-signing.wrong-form');
}

/** No vote is of a round to come, no two votes clash, and nothing was prepared in a round to come. */
function agreesWithItself({ round, votes, prepared }: SigningState): boolean {
  const places = new Set(votes.map((vote) => `${vote.round} ${vote.type}`));
  if (places.size !== votes.length || votes.some((vote) => vote.round > round)) return false;
  return prepared === null || prepared.round <= round;
}

/** The votes worth keeping once `round` is reached, with `ballot` among them. */
export function rememberBallot(votes: readonly Ballot[], ballot: Ballot, round: Round): readonly Ballot[] {
  const kept = votes.filter((vote) => vote.round >= round - SIGNING_ROUNDS_MAX);
  return kept.some((vote) => sameBallot(vote, ballot)) ? kept : [...kept, ballot];
}

/** The vote already cast where `ballot` would be cast, if any. */
export const castAt = (votes: readonly Ballot[], round: Round, type: string): Ballot | undefined =>
  votes.find((vote) => vote.round === round && vote.type === type);

/**
 * The host's second lock before it signs (QBFT-11): true where `vote` might contradict an earlier one. That is another payload for
 * the same height, round and type, an older height, or a round too old to be remembered.
 */
export function mayClash(state: SigningState, vote: Vote): boolean {
  if (vote.height !== state.height) return vote.height < state.height;
  if (vote.round < state.round - SIGNING_ROUNDS_MAX) return true;
  const cast = castAt(state.votes, vote.round, vote.type);
  return cast !== undefined && !sameBallot(cast, vote);
}

/** Whether this very vote is in the durable state: what a host may require before it signs, since `persist` precedes `sign`. */
export const isRecorded = (state: SigningState, vote: Vote): boolean =>
  vote.height === state.height && state.votes.some((cast) => sameBallot(cast, vote));

/** Whether this validator cast `vote` after the state was written: no state that its key wrote since would lack it. */
export function isForgotten(state: SigningState, vote: Vote): boolean {
  if (vote.height !== state.height) return vote.height > state.height;
  return vote.round >= state.round - SIGNING_ROUNDS_MAX && !isRecorded(state, vote);
}

import type { Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { faultsOf, leaderOf, quorumOf, type ValidatorSet } from '../../base/validators.ts';
import type { ConsensusCode } from '../codes.ts';
import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import type { Proposal, RoundChange } from './messages.ts';

/**
 * The rules of QBFT that concern a message alone (Moniz, "The Istanbul BFT Consensus Algorithm", 2020; EEA QBFT specification).
 * Everything here is about form and counting. The caller checks signatures and membership.
 */
export interface Electorate {
  readonly set: ValidatorSet;
  readonly height: Height;
}

/** QBFT-4: whether the sender of a proposal leads its round. */
export const isFromLeader = ({ set, height }: Electorate, vote: SignedVote): boolean =>
  equal(leaderOf(set, height, vote.round).id, vote.validator);

/** QBFT-5: what justifies a proposal. `fresh` is false where it must repeat a block that a quorum prepared. */
export function checkProposal(
  electorate: Electorate,
  proposal: Proposal,
): Result<{ readonly fresh: boolean }, ConsensusCode> {
  const { vote, roundChanges, prepares } = proposal;
  if (vote.round === 0) {
    const bare = roundChanges.length === 0 && prepares.length === 0;
    return bare ? ok({ fresh: true }) : refuse('consensus-proposal.needless-justification');
  }
  if (roundChanges.length < quorumOf(electorate.set.length)) return refuse('consensus-proposal.too-few-round-changes');
  if (!sendersDiffer(roundChanges) || !roundChanges.every((each) => isRoundChangeTo(electorate, vote.round, each)))
    return refuse('consensus-proposal.wrong-round-change');

  const highest = highestPreparedRound(roundChanges);
  if (highest === null)
    return prepares.length === 0 ? ok({ fresh: true }) : refuse('consensus-proposal.needless-justification');
  if (!roundChanges.some((each) => each.preparedRound === highest && names(each, vote.blockHash)))
    return refuse('consensus-proposal.wrong-block');
  const shown = checkPrepares(electorate, highest, vote.blockHash, prepares);
  return shown.ok ? ok({ fresh: false }) : shown;
}

/** QBFT-6: what justifies a round change: nothing prepared, or a quorum of prepares and the block itself. */
export function checkRoundChange(electorate: Electorate, message: RoundChange): Result<null, ConsensusCode> {
  const { vote, block, prepares } = message;
  if (vote.preparedRound === null || vote.preparedHash === null) {
    const bare = block === null && prepares.length === 0;
    return bare ? ok(null) : refuse('consensus-round-change.needless-justification');
  }
  if (block === null) return refuse('consensus-round-change.no-block');
  return checkPrepares(electorate, vote.preparedRound, vote.preparedHash, prepares);
}

/** QBFT-7: prepares of one height, round and block, from a quorum of distinct senders. */
function checkPrepares(
  { set, height }: Electorate,
  round: Round,
  blockHash: Hash,
  prepares: readonly SignedVote[],
): Result<null, ConsensusCode> {
  if (prepares.length < quorumOf(set.length)) return refuse('consensus-prepares.too-few');
  const fits = (each: SignedVote) =>
    each.type === 'prepare' && each.height === height && each.round === round && equal(each.blockHash, blockHash);
  return sendersDiffer(prepares) && prepares.every(fits) ? ok(null) : refuse('consensus-prepares.wrong-vote');
}

/** The highest round in which one of these senders prepared a block, or `null` where none did. */
export function highestPreparedRound(roundChanges: readonly SignedVote[]): Round | null {
  let highest: Round | null = null;
  for (const { preparedRound } of roundChanges)
    if (preparedRound !== null && (highest === null || preparedRound > highest)) highest = preparedRound;
  return highest;
}

/** QBFT-9: the highest round that f + 1 of these validators have reached, so that one of them is honest; else `null`. */
export function roundToJoin(set: ValidatorSet, current: Round, reached: readonly Round[]): Round | null {
  const higher = reached.filter((round) => round > current).sort((a, b) => b - a);
  return higher[faultsOf(set.length)] ?? null;
}

const isRoundChangeTo = ({ height }: Electorate, round: Round, vote: SignedVote): boolean =>
  vote.type === 'round-change' && vote.height === height && vote.round === round;

const names = (vote: SignedVote, blockHash: Hash): boolean =>
  vote.preparedHash !== null && equal(vote.preparedHash, blockHash);

const sendersDiffer = (votes: readonly SignedVote[]): boolean =>
  new Set(votes.map((vote) => keyOf(vote.validator))).size === votes.length;

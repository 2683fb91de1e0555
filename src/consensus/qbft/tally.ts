import type { Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { leaderOf, quorumOf } from '../../base/validators.ts';
import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import { isRefused, judge } from './blocks.ts';
import { examine, examineAll } from './examine.ts';
import type { Commit, Prepare, RoundChange } from './messages.ts';
import { joinRound } from './rounds.ts';
import { checkRoundChange } from './rules.ts';
import {
  changed,
  inWindow,
  knownBlock,
  maySign,
  type QbftState,
  storedVote,
  votesFor,
  votesOf,
  withVote,
} from './state.ts';
import { apply, blockBallot, castVote, type Turn } from './turn.ts';

/**
 * A prepare or commit of any round in the window. Commits of all of them count (QBFT-12); a prepare of an earlier round decides
 * nothing any more, but it may contradict another (QBFT-14).
 */
export function onBlockVote(turn: Turn, { vote }: Prepare | Commit): void {
  if (!inWindow(turn.state, vote.round) || examine(turn, vote) !== 'valid') return;
  turn.state = withVote(turn.state, vote);
}

/** A peer's round change (QBFT-6). Only its newest counts; one to a round below ours changes nothing. */
export function onRoundChange(turn: Turn, message: RoundChange): void {
  const { vote } = message;
  const key = keyOf(vote.validator);
  const newest = turn.state.roundChanges.get(key);
  if (vote.round < turn.state.round || (newest !== undefined && newest.vote.round > vote.round)) return;
  if (examine(turn, vote) !== 'valid' || storedVote(turn.state, vote) !== undefined) return;
  if (!checkRoundChange(turn.state, message).ok || !examineAll(turn, message.prepares)) return;
  apply(turn, 'QBFT-6');
  for (const prepare of message.prepares) turn.state = withVote(turn.state, prepare);
  holdRoundChange(turn, message);
  joinRound(turn);
}

/** The leader of its round and its sender need the block of a round change: all others hold it without. */
export function holdRoundChange(turn: Turn, message: RoundChange): void {
  const { state } = turn;
  const { vote } = message;
  const users = [leaderOf(state.set, state.height, vote.round).id, vote.validator];
  const needed = users.some((user) => state.config.self !== null && equal(user, state.config.self));
  const held = needed ? message : { ...message, block: null };
  turn.state = changed(state, { roundChanges: new Map(state.roundChanges).set(keyOf(vote.validator), held) });
}

/** QBFT-7: a quorum of prepares for the accepted, valid block: remember both, durably, and commit to it. */
export function lock(turn: Turn): void {
  const { accepted, round, prepared, set } = turn.state;
  if (accepted?.verdict !== 'valid' || prepared?.round === round || !maySign(turn.state)) return;
  const { blockHash, block } = accepted;
  const prepares = votesFor(turn.state, votesOf(turn.state, round).prepares, blockHash);
  const quorum = quorumOf(set.length);
  if (prepares.length < quorum) return;
  apply(turn, 'QBFT-7');
  turn.state = changed(turn.state, { prepared: { round, blockHash, block, prepares: prepares.slice(0, quorum) } });
  castVote(turn, blockBallot('commit', round, blockHash));
}

/** QBFT-12: a quorum of commits of one round for one block decides the height, whatever our round. */
export function decide(turn: Turn): void {
  for (const [round, { commits }] of turn.state.votes) {
    const votes = quorumFor(turn.state, commits);
    if (votes !== null && turn.state.phase === 'running') decideOn(turn, round, votes);
  }
}

/** The votes of a quorum for one block, in validator order. Two quorums of one round cannot be. */
function quorumFor(state: QbftState, commits: ReadonlyMap<string, SignedVote>): readonly SignedVote[] | null {
  const quorum = quorumOf(state.set.length);
  if (commits.size < quorum) return null;
  for (const { blockHash } of commits.values()) {
    const votes = votesFor(state, commits, blockHash);
    if (votes.length >= quorum) return votes.slice(0, quorum);
  }
  return null;
}

/** The commits prove that the block is valid; a verdict only binds bytes to its hash, so it needs no clock. */
function decideOn(turn: Turn, round: Round, votes: readonly SignedVote[]): void {
  apply(turn, 'QBFT-12');
  const { state } = turn;
  const { blockHash } = votes[0] as SignedVote;
  const known = knownBlock(state, blockHash);
  if (known === undefined || isRefused(known)) {
    seek(turn, votes);
    return;
  }
  const { block } = known;
  if (!known.valid) {
    judge(turn, { blockHash, block, fresh: false, round });
    return;
  }
  turn.state = changed(state, { phase: 'decided', decided: blockHash });
  const certificate = certificateOf(state, round, blockHash, votes);
  turn.effects.push({ type: 'commit', height: state.height, blockHash, block, certificate });
}

/** QBFT-12: the height is decided and its block never came: whoever committed to it may be asked for it. */
function seek(turn: Turn, votes: readonly SignedVote[]): void {
  const { sought, height, config } = turn.state;
  if (sought) return;
  turn.state = changed(turn.state, { sought: true });
  for (const { validator: from } of votes)
    if (config.self === null || !equal(from, config.self))
      turn.effects.push({ type: 'behind', height: (height + 1) as Height, from });
}

const certificateOf = ({ height }: QbftState, round: Round, blockHash: Hash, votes: readonly SignedVote[]) => ({
  engine: 'qbft' as const,
  height,
  round,
  blockHash,
  signatures: votes.map(({ validator, signature }) => ({ validator, signature })),
  path: [],
});

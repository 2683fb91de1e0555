import type { Hash, Round } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { leaderOf, quorumOf } from '../../base/validators.ts';
import type { SignedVote } from '../vote.ts';
import { judge } from './blocks.ts';
import { examine, examineAll } from './examine.ts';
import type { Commit, Prepare, RoundChange } from './messages.ts';
import { joinRound } from './rounds.ts';
import { checkRoundChange } from './rules.ts';
import {
  inWindow,
  type KnownBlock,
  maySign,
  type QbftState,
  storedVote,
  votesFor,
  votesOf,
  withVote,
} from './state.ts';
import { blockBallot, castVote, type Turn } from './turn.ts';

/** A prepare of our round or a near later one. Those of earlier rounds decide nothing any more. */
export function onPrepare(turn: Turn, { vote }: Prepare): void {
  if (vote.round >= turn.state.round) hold(turn, vote);
}

/** A commit of any round in the window: a quorum of them decides, wherever we are (QBFT-12). */
export const onCommit = (turn: Turn, { vote }: Commit): void => hold(turn, vote);

function hold(turn: Turn, vote: SignedVote): void {
  if (!inWindow(turn.state, vote.round) || examine(turn, vote) !== 'valid') return;
  turn.state = withVote(turn.state, vote);
}

/** A peer's round change (QBFT-6). Only its newest counts; one to a round below ours changes nothing. */
export function onRoundChange(turn: Turn, message: RoundChange): void {
  const { vote } = message;
  const key = toHex(vote.validator);
  const newest = turn.state.roundChanges.get(key);
  if (vote.round < turn.state.round || (newest !== undefined && newest.vote.round > vote.round)) return;
  if (examine(turn, vote) !== 'valid' || storedVote(turn.state, vote) !== undefined) return;
  if (!checkRoundChange(turn.state, message).ok || !examineAll(turn, message.prepares)) return;
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
  turn.state = { ...state, roundChanges: new Map(state.roundChanges).set(toHex(vote.validator), held) };
}

/** QBFT-7: a quorum of prepares for the accepted, valid block: remember both, durably, and commit to it. */
export function lock(turn: Turn): void {
  const { accepted, round, prepared, set } = turn.state;
  if (accepted?.verdict !== 'valid' || prepared?.round === round || !maySign(turn.state)) return;
  const { blockHash, block } = accepted;
  const prepares = votesFor(turn.state, votesOf(turn.state, round).prepares, blockHash);
  const quorum = quorumOf(set.length);
  if (prepares.length < quorum) return;
  turn.state = { ...turn.state, prepared: { round, blockHash, block, prepares: prepares.slice(0, quorum) } };
  castVote(turn, blockBallot('commit', round, blockHash));
}

/** QBFT-12: a quorum of commits of one round for a block we hold decides the height, in whatever round. */
export function decide(turn: Turn): void {
  for (const [round, { commits }] of turn.state.votes) {
    if (commits.size < quorumOf(turn.state.set.length)) continue;
    for (const known of turn.state.blocks.values()) decideOn(turn, round, known, commits);
  }
}

function decideOn(turn: Turn, round: Round, known: KnownBlock, commits: ReadonlyMap<string, SignedVote>): void {
  const { state } = turn;
  const votes = votesFor(state, commits, known.hash);
  const quorum = quorumOf(state.set.length);
  if (state.phase !== 'running' || votes.length < quorum) return;
  // The commits prove that the block is valid; the verdict only binds these bytes to its hash, so it needs no clock.
  if (!known.valid) {
    judge(turn, { blockHash: known.hash, block: known.block, fresh: false, round });
    return;
  }
  turn.state = { ...state, phase: 'decided' };
  const certificate = certificateOf(state, round, known.hash, votes.slice(0, quorum));
  turn.effects.push({ type: 'commit', block: known.block, certificate });
}

const certificateOf = ({ height }: QbftState, round: Round, blockHash: Hash, votes: readonly SignedVote[]) => ({
  engine: 'qbft' as const,
  height,
  round,
  blockHash,
  signatures: votes.map(({ validator, signature }) => ({ validator, signature })),
});

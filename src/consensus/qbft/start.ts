import type { Height } from '../../base/brand.ts';
import type { EngineInput } from '../engine.ts';
import { decodeSigningState, type SigningState } from '../signing-state.ts';
import type { Ballot } from '../vote.ts';
import { offerBlock } from './blocks.ts';
import type { QbftMessage } from './messages.ts';
import { verifiedEarly } from './other-height.ts';
import { blankHeight, changed, maySign, type QbftState, withVote } from './state.ts';
import { apply, askToSign, persist, schedule, type Turn } from './turn.ts';

export type Start = Extract<EngineInput<QbftMessage>, { type: 'start' }>;

/** QBFT-1: begins a height. To begin the present one again, or an earlier one, would forget votes: it changes nothing. */
export function startHeight(turn: Turn, { height, parentHash, validators, restored }: Start): void {
  const { state } = turn;
  if (state.phase !== 'idle' && height <= state.height) return;
  apply(turn, 'QBFT-1');
  turn.state = changed(state, {
    ...blankHeight,
    phase: 'running',
    height,
    parentHash,
    set: validators,
    verified: verifiedEarly(state),
  });
  if (restored !== null) readRestored(turn, restored);
  takeUp(turn);
  turn.effects.push({ type: 'pace', parentHash });
}

/** The round-0 messages that came before their height. Call once `startHeight` is done. */
export const waitingFor = (before: QbftState, height: Height) =>
  [...before.nextHeight.values()].filter(({ vote }) => vote.height === height);

/** QBFT-11: what cannot be read silences the engine for good. */
function readRestored(turn: Turn, bytes: Uint8Array): void {
  apply(turn, 'QBFT-11');
  const read = decodeSigningState(bytes);
  turn.state = changed(turn.state, { silent: turn.state.silent || !read.ok, awaited: read.ok ? read.value : null });
}

/** QBFT-11: at its own height the signing state is taken up: the same round, the same prepared block, the same votes again. */
function takeUp(turn: Turn): void {
  const { awaited, height } = turn.state;
  if (awaited === null || awaited.height > height) return;
  turn.state = changed(turn.state, { awaited: null });
  if (awaited.height < height) return;
  apply(turn, 'QBFT-11');
  turn.state = resumed(turn.state, awaited);
  if (!maySign(turn.state)) return;
  persist(turn);
  for (const ballot of awaited.votes) if (isWorthRepeating(turn.state, ballot)) askToSign(turn, ballot);
  schedule(turn);
}

/** The host of this process has never seen the prepared block: it is judged again before it is proposed, prepared or committed. */
function resumed(state: QbftState, { round, votes, prepared }: SigningState): QbftState {
  let next = changed(state, {
    round,
    ownVotes: votes,
    prepared,
    reported: prepared,
    // A vote other than a round change shows that a justified proposal was here, and with it a quorum.
    quorumReached: round === 0 || votes.some((vote) => vote.round === round && vote.type !== 'round-change'),
  });
  if (prepared === null) return next;
  for (const prepare of prepared.prepares) next = withVote(next, prepare);
  return offerBlock(next, prepared.blockHash, prepared.block);
}

/**
 * Commits of any round still count, and so do the votes of the present one. A proposal cannot be repeated: its block is not in the
 * signing state. Neither can a round change whose prepared block has been replaced since.
 */
function isWorthRepeating({ round, prepared }: QbftState, ballot: Ballot): boolean {
  if (ballot.type === 'commit') return true;
  if (ballot.round !== round || ballot.type === 'proposal') return false;
  return ballot.type === 'prepare' || ballot.preparedRound === (prepared?.round ?? null);
}

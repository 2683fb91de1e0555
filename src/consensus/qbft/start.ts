import type { Height } from '../../base/brand.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import { decodeSigningState, type SigningState } from '../signing-state.ts';
import type { Ballot } from '../vote.ts';
import { trustBlock } from './blocks.ts';
import { verifiedEarly } from './later-height.ts';
import { blankHeight, maySign, type QbftState, withVote } from './state.ts';
import { payloadOf, persist, schedule, type Turn } from './turn.ts';

/** Begins a height. To begin the present one again, or an earlier one, would forget votes: it changes nothing. */
export function startHeight(turn: Turn, height: Height, set: ValidatorSet, restored: Uint8Array | null): void {
  const { state } = turn;
  if (state.phase !== 'idle' && height <= state.height) return;
  turn.state = { ...state, ...blankHeight, phase: 'running', height, set, verified: verifiedEarly(state) };
  if (restored !== null) restore(turn, restored);
}

/** The round-0 messages that came before their height. Call once `startHeight` is done. */
export const waitingFor = (before: QbftState, height: Height) =>
  [...before.nextHeight.values()].filter(({ vote }) => vote.height === height);

/** QBFT-11: takes up the durable signing state: the same round, the same prepared block, the same votes again. */
function restore(turn: Turn, bytes: Uint8Array): void {
  const read = decodeSigningState(bytes);
  if (!read.ok || read.value.height !== turn.state.height) {
    turn.state = { ...turn.state, silent: true };
    return;
  }
  turn.state = resumed(turn.state, read.value);
  if (!maySign(turn.state)) return;
  persist(turn);
  for (const ballot of read.value.votes)
    if (isWorthRepeating(turn.state, ballot))
      turn.effects.push({ type: 'sign', payload: payloadOf(turn.state, ballot) });
  schedule(turn);
}

function resumed(state: QbftState, { round, votes, prepared }: SigningState): QbftState {
  let next: QbftState = {
    ...state,
    round,
    ownVotes: votes,
    prepared,
    reported: prepared,
    // A vote other than a round change shows that a justified proposal was here, and with it a quorum.
    quorumReached: round === 0 || votes.some((vote) => vote.round === round && vote.type !== 'round-change'),
  };
  if (prepared === null) return next;
  for (const prepare of prepared.prepares) next = withVote(next, prepare);
  return trustBlock(next, prepared.blockHash, prepared.block);
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

import type { Round } from '../../base/brand.ts';
import type { EngineEffect, Vote } from '../engine.ts';
import { castAt, encodeSigningState, rememberBallot } from '../signing-state.ts';
import { type Ballot, NO_BLOCK, sameBallot, voteOf } from '../vote.ts';
import { encodeMessage, type QbftMessage } from './messages.ts';
import type { QbftRule } from './numbered-rules.ts';
import { changed, maySign, type QbftState } from './state.ts';
import { roundTimeoutMs } from './timers.ts';

/** One call of `step` under way: the state as it stands and the effects so far. It does not outlive the call. */
export interface Turn {
  state: QbftState;
  readonly effects: EngineEffect[];
  /** What took effect so far. */
  readonly rules: Set<QbftRule>;
}

/** Reports that a numbered rule took effect. */
export function apply(turn: Turn, rule: QbftRule): void {
  turn.rules.add(rule);
}

/**
 * Asks for a vote, unless this node already cast another in the same place (QBFT-11). The vote is durable, together with the
 * prepared block, before the key touches it (QBFT-10). One that is durable already is only signed again.
 */
export function castVote(turn: Turn, ballot: Ballot): void {
  const { state } = turn;
  if (!maySign(state)) return;
  const cast = castAt(state.ownVotes, ballot.round, ballot.type);
  if (cast !== undefined && !sameBallot(cast, ballot)) {
    apply(turn, 'QBFT-11');
    return;
  }
  if (cast === undefined) {
    turn.state = changed(state, { ownVotes: rememberBallot(state.ownVotes, ballot, state.round) });
    persist(turn);
  }
  askToSign(turn, ballot);
}

/** QBFT-2: what is signed names chain, engine, height, round, type, block and what was prepared. */
export function askToSign(turn: Turn, ballot: Ballot): void {
  apply(turn, 'QBFT-2');
  turn.effects.push({ type: 'sign', payload: payloadOf(turn.state, ballot) });
}

export function persist(turn: Turn): void {
  apply(turn, 'QBFT-10');
  const { height, round, ownVotes, prepared } = turn.state;
  const signingState = encodeSigningState({ height, round, votes: ownVotes, prepared });
  turn.effects.push({ type: 'persist', height, signingState });
}

export const payloadOf = (state: QbftState, ballot: Ballot): Vote =>
  voteOf({ chainId: state.config.chainId, engine: 'qbft' }, state.height, ballot);

export function broadcast(turn: Turn, message: QbftMessage): void {
  turn.effects.push({ type: 'broadcast', message: encodeMessage(message) });
}

/** Starts a timer of the present round. An observer has no use for one: it waits for the others. */
export function schedule(turn: Turn): void {
  const { height, round, config } = turn.state;
  if (!maySign(turn.state)) return;
  apply(turn, 'QBFT-8');
  turn.state = changed(turn.state, { timersPending: turn.state.timersPending + 1 });
  turn.effects.push({ type: 'schedule', height, round, delayMs: roundTimeoutMs(config, round) });
}

/** A vote that reports nothing prepared: proposal, prepare, commit. */
export const blockBallot = (
  type: 'proposal' | 'prepare' | 'commit',
  round: Round,
  blockHash: Ballot['blockHash'],
): Ballot => ({
  type,
  round,
  blockHash,
  preparedHash: null,
  preparedRound: null,
});

export const roundChangeBallot = ({ prepared }: QbftState, round: Round): Ballot => ({
  type: 'round-change',
  round,
  blockHash: NO_BLOCK,
  preparedHash: prepared?.blockHash ?? null,
  preparedRound: prepared?.round ?? null,
});

import type { Height, Round } from '../../base/brand.ts';
import { quorumOf } from '../../base/validators.ts';
import { keyOf } from '../key.ts';
import type { RoundChange } from './messages.ts';
import { roundToJoin } from './rules.ts';
import { changed, inWindow, type QbftState } from './state.ts';
import { apply, broadcast, castVote, roundChangeBallot, schedule, type Turn } from './turn.ts';

/** Leaves the present round for a higher one. What was prepared stays prepared; what was proposed is forgotten. */
export function enterRound(turn: Turn, round: Round): void {
  const { votes, roundChanges } = turn.state;
  const state = changed(turn.state, { round });
  turn.state = changed(state, {
    quorumReached: false,
    timersPending: 0,
    accepted: null,
    leading: null,
    votes: new Map([...votes].filter(([at]) => inWindow(state, at))),
    roundChanges: new Map([...roundChanges].filter(([, { vote }]) => vote.round >= round)),
  });
  schedule(turn);
}

/** QBFT-8, QBFT-9: leaves for a higher round and says so, with the block prepared last. */
export function changeRound(turn: Turn, round: Round): void {
  enterRound(turn, round);
  turn.state = changed(turn.state, { reported: turn.state.prepared });
  castVote(turn, roundChangeBallot(turn.state, round));
}

/** QBFT-9: follows f + 1 validators, one of whom is honest, to the highest round that all of them have reached. */
export function joinRound(turn: Turn): void {
  const { set, round, roundChanges } = turn.state;
  const reached = [...roundChanges.values()].map(({ vote }) => vote.round);
  const higher = roundToJoin(set, round, reached);
  if (higher === null) return;
  apply(turn, 'QBFT-9');
  changeRound(turn, higher);
}

/** QBFT-8: the time of a round counts from the moment a quorum has reached it, so a new timer replaces the present one. */
export function startRoundClock(turn: Turn): void {
  const { state } = turn;
  if (state.quorumReached || state.roundChanges.size < quorumOf(state.set.length)) return;
  apply(turn, 'QBFT-8');
  turn.state = changed(state, { quorumReached: true });
  schedule(turn);
}

/** QBFT-8: the end of the last timer ends a round that a quorum reached; in any other it repeats the round change. */
export function onTimeout(turn: Turn, height: Height, round: Round): void {
  const { state } = turn;
  if (state.phase !== 'running' || height !== state.height || round !== state.round) return;
  apply(turn, 'QBFT-8');
  turn.state = changed(state, { timersPending: Math.max(0, state.timersPending - 1), sought: false });
  if (turn.state.timersPending > 0) return;
  if (state.quorumReached) changeRound(turn, (round + 1) as Round);
  else repeatRoundChange(turn);
}

function repeatRoundChange(turn: Turn): void {
  const own = ownRoundChange(turn.state);
  if (own !== undefined) broadcast(turn, own);
  schedule(turn);
}

function ownRoundChange({ config, round, roundChanges }: QbftState): RoundChange | undefined {
  const own = config.self === null ? undefined : roundChanges.get(keyOf(config.self));
  return own?.vote.round === round ? own : undefined;
}

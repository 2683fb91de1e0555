import { type Height, type Round, round } from '../../base/brand.ts';
import { askAgain } from './fetch.ts';
import { baseOf, newestHeldView } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import type { SimplexVoteType, ViewCertificate } from './messages.ts';
import { mayCast } from './own-votes.ts';
import { changed, gaveUp, isOver, maySign, recordOf, type SimplexState } from './state.ts';
import { broadcast, castVote, selfKey, type Turn } from './turn.ts';

/** The timer after which things are sent again belongs to no height; its round counts these timers, so that only the newest counts. */
export const REPEAT_HEIGHT = 0 as Height;

/** SIMPLEX-16: while something is not as it should be, look again after a while. */
export function keepRepeating(turn: Turn, lacks: boolean): void {
  const { state } = turn;
  if (state.repeating || !(lacks || isWaiting(state))) return;
  const repeats = state.repeats + 1;
  turn.rules.add('SIMPLEX-16');
  turn.state = changed(state, { repeats, repeating: true });
  const { roundTimeoutMs: delayMs } = state.config;
  turn.effects.push({ type: 'schedule', height: REPEAT_HEIGHT, round: round(repeats), delayMs });
}

/** A notarised block waits for finality, or our view for its end. */
function isWaiting(state: SimplexState): boolean {
  if (!maySign(state) || isOver(state)) return false;
  return state.timed || (baseOf(state)?.height ?? 0) > state.committed.height;
}

/** The end of the repeat timer: what is missing is asked for, and where nothing moved since the last one, what we know is sent again. */
export function onRepeat(turn: Turn, token: Round): void {
  const { state } = turn;
  if (!state.repeating || token !== state.repeats) return;
  turn.rules.add('SIMPLEX-16');
  turn.state = changed(state, { repeating: false, answers: new Map(), progress: progressOf(state) });
  askAgain(turn);
  if (state.progress === turn.state.progress && maySign(state) && !isOver(state)) sendAgain(turn);
}

const progressOf = (state: SimplexState): string =>
  `${state.view} ${state.committed.height} ${state.finalisation?.view} ${baseOf(state)?.view}`;

/**
 * Whoever lost any of it can go on from here: the newest certificates, and every vote of ours that may still count. And whoever knows
 * what became of the views that are open here is asked for it.
 */
function sendAgain(turn: Turn): void {
  const { state } = turn;
  const least = state.finalisation?.view ?? state.root.view;
  const from = Math.max(least + 1, state.view - SIMPLEX_LIMITS.requestedViewsMax + 1) as Round;
  if (from <= state.view) broadcast(turn, { type: 'request-views', from, to: state.view });
  for (const certificate of newestCertificates(state)) broadcast(turn, certificate);
  for (const view of [...state.views.keys()].sort((a, b) => a - b))
    if (view > least && view <= state.view) repeatVote(turn, 'finalise', view);
  if (gaveUp(state)) repeatNullify(turn, state.view);
  else {
    const { proposal } = recordOf(state, state.view);
    if (proposal !== null && state.leading !== null) broadcast(turn, proposal);
    repeatVote(turn, 'notarise', state.view);
  }
  for (const view of openViews(state)) repeatNullify(turn, view);
}

/** The newest of each kind: the last two open the view that most are in, the first says what is final. */
function newestCertificates({ views, finalisation }: SimplexState): readonly ViewCertificate[] {
  const newest: { notarisation: ViewCertificate | null; nullification: ViewCertificate | null } = {
    notarisation: null,
    nullification: null,
  };
  for (const { notarisation, nullification } of views.values()) {
    if (notarisation !== null && notarisation.view > (newest.notarisation?.view ?? -1))
      newest.notarisation = notarisation;
    if (nullification !== null && nullification.view > (newest.nullification?.view ?? -1))
      newest.nullification = nullification;
  }
  return [finalisation, newest.notarisation, newest.nullification].filter((each) => each !== null);
}

function repeatVote(turn: Turn, type: SimplexVoteType, view: number): boolean {
  const vote = recordOf(turn.state, view)[type].get(selfKey(turn.state));
  if (vote !== undefined) broadcast(turn, { type, vote });
  return vote !== undefined;
}

/** After a restart the vote is signed again: the signing state remembers that it was cast, not its signature. */
function repeatNullify(turn: Turn, view: Round): void {
  turn.rules.add('SIMPLEX-7');
  if (!repeatVote(turn, 'nullify', view)) castVote(turn, { type: 'nullify', view });
}

/**
 * SIMPLEX-7: views below ours, above the newest notarised block that we hold, whose end we cannot show. Certificates may have been lost
 * with everyone's memory, and a notarised block too, unless its view may have been finalised. So we vote for their end.
 */
function openViews(state: SimplexState): readonly Round[] {
  const { forgotten } = state;
  const open: Round[] = [];
  for (let view = newestHeldView(state) + 1; view < state.view; view++) {
    if (open.length >= SIMPLEX_LIMITS.oldNullifiesMax) break;
    if (forgotten !== null && view >= forgotten.from && view <= forgotten.to) view = forgotten.to;
    else if (!state.views.get(view)?.nullification && mayCast(state.own, state.epoch, nullifyIn(view)))
      open.push(view as Round);
  }
  return open;
}

const nullifyIn = (view: number) => ({ type: 'nullify' as const, view: view as Round });

import type { Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { EngineConfig } from '../engine.ts';
import { baseOf } from './ladder.ts';
import { changed, gaveUp, isOver, maySign, type SimplexState } from './state.ts';
import { castVote, type Turn } from './turn.ts';
import type { Point } from './views.ts';

/** min(base · 2^failures, cap), in milliseconds (SIMPLEX-15). The exponent is bounded so that the product stays exact. */
const viewTimeoutMs = (config: Pick<EngineConfig, 'roundTimeoutMs' | 'roundTimeoutCapMs'>, failures: number): number =>
  Math.min(config.roundTimeoutMs * 2 ** Math.min(failures, 30), config.roundTimeoutCapMs);

/**
 * SIMPLEX-15: a view is timed from the moment the child of its base is due. Where the base is missing there is nothing to wait for:
 * the timer starts at once.
 */
export function keepTime(turn: Turn): void {
  const { state } = turn;
  if (!maySign(state)) return;
  const base = baseOf(state);
  if (base !== null && !(state.paced !== null && equal(state.paced.hash, base.hash))) {
    turn.rules.add('SIMPLEX-15');
    turn.state = changed(state, { paced: { hash: base.hash, due: false } });
    turn.effects.push({ type: 'pace', parentHash: base.hash });
  } else if (!state.timed && (base === null || state.paced?.due)) schedule(turn, base);
}

/** The host's answer to `pace`. */
export function onDue(turn: Turn, parentHash: Hash): void {
  const { paced } = turn.state;
  if (paced === null || !equal(paced.hash, parentHash)) return;
  turn.rules.add('SIMPLEX-15');
  turn.state = changed(turn.state, { paced: { ...paced, due: true } });
}

function schedule(turn: Turn, base: Point | null): void {
  const { config, view, committed } = turn.state;
  turn.rules.add('SIMPLEX-15');
  turn.state = changed(turn.state, { timed: true });
  const height = ((base?.height ?? committed.height) + 1) as Height;
  turn.effects.push({ type: 'schedule', height, round: view, delayMs: viewTimeoutMs(config, failuresOf(turn.state)) });
}

/** Views nullified since the newest that was finalised. */
function failuresOf({ views, finalisation, root }: SimplexState): number {
  const since = Math.max(finalisation?.view ?? -1, root.view);
  let failures = 0;
  for (const [view, { nullification }] of views) if (nullification !== null && view > since) failures++;
  return failures;
}

/** The timer of a view ended: it is given up. Not so where the base came meanwhile and its child is not even due. */
export function onViewTimeout(turn: Turn, view: Round): void {
  const { state } = turn;
  if (view !== state.view || !maySign(state) || isOver(state)) return;
  const base = baseOf(state);
  const waits = base !== null && !(state.paced?.due === true && equal(state.paced.hash, base.hash));
  if (waits) turn.state = changed(state, { timed: false });
  else giveUp(turn);
}

/** SIMPLEX-7: a view whose time is over is nullified. Its proposal may have our notarise vote already. */
function giveUp(turn: Turn): void {
  const { view } = turn.state;
  if (!gaveUp(turn.state) && castVote(turn, { type: 'nullify', view })) turn.rules.add('SIMPLEX-7');
}

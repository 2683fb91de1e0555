import { ambushOf } from '../ambush.ts';
import { type RunPlan, runSeed } from '../campaign/run-seed.ts';
import { planOf } from '../draw-plan.ts';
import type { Plan } from '../plan.ts';
import type { Bug } from './bug.ts';

/** Seeds that a full search tries. A bug that none of them shows is not found. */
export const SEEDS_MAX = 300;
export const FIRST_SEED = 1;
/** Blocks of a run, where a bug wants no others: enough for most, and soon over. */
const HEIGHTS = 20;

/** What decides the runs of a bug, and so those of its control. */
export type Ground = Pick<Bug, 'engine' | 'plan'>;

/** A run in which the checkers saw something: a violation, a stall, an exception. */
export interface Find {
  readonly seed: number;
  readonly checker: string;
  readonly what: string;
}

export function planOfBug({ engine, plan = {} }: Ground, seed: number): Plan {
  const { ambush, ...options } = plan;
  const drawn = planOf(seed, { engine, heights: HEIGHTS, ...options });
  if (ambush === undefined) return drawn;
  const ambushed = ambushOf(drawn);
  return { ...ambushed, byzantine: ambushed.byzantine.map((betrayal) => ({ ...betrayal, behaviour: ambush })) };
}

/** Runs seeds in order; each that shows something is one more find. A caller that has enough stops asking. */
export function* hunt(runPlan: RunPlan, ground: Ground, seeds: Iterable<number>): Generator<Find | null> {
  for (const seed of seeds) {
    const violation = runSeed(runPlan, planOfBug(ground, seed)).violations[0];
    yield violation === undefined ? null : { seed, checker: violation.checker, what: violation.what };
  }
}

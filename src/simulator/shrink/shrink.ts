import type { Plan } from '../plan.ts';
import { reductions } from './reductions.ts';

export interface Shrunk {
  readonly plan: Plan;
  /** Plans that were run to find it. */
  readonly runs: number;
}

/** Enough for a plan of a hundred faults; a minute or so of runs. */
const RUNS_MAX = 400;

/**
 * The smallest plan that still fails the same way, as far as single steps lead: each smaller plan that fails takes the place of the one
 * before, until none does. `fails` runs a plan and says whether the same checker is violated.
 */
export function shrink(
  plan: Plan,
  fails: (plan: Plan) => boolean,
  { runsMax = RUNS_MAX, onStep = () => {} }: { readonly runsMax?: number; readonly onStep?: (plan: Plan) => void } = {},
): Shrunk {
  let smallest = plan;
  let runs = 0;
  const smaller = (): Plan | undefined => {
    for (const candidate of reductions(smallest)) {
      if (runs >= runsMax) return undefined;
      runs++;
      if (fails(candidate)) return candidate;
    }
    return undefined;
  };
  for (let next = smaller(); next !== undefined; next = smaller()) {
    smallest = next;
    onStep(smallest);
  }
  return { plan: smallest, runs };
}

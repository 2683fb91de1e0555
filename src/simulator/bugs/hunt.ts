import { type RunPlan, runSeed, type SeedReport } from '../campaign/run-seed.ts';
import { planOf } from '../draw-plan.ts';
import type { Plan } from '../plan.ts';
import type { PlantedBug } from './bug.ts';

/** Seeds that a full search tries. A bug that none of them shows is not found. */
export const SEEDS_MAX = 300;
export const FIRST_SEED = 1;
/** Blocks of a run, where a bug wants no others: enough for most, and soon over. */
const HEIGHTS = 20;

export interface SeedRange {
  readonly first: number;
  readonly count: number;
}

/** What came of a hunt: the first run that went wrong, or none. */
export interface Hunt {
  /** Runs until then. */
  readonly seeds: number;
  readonly seed: number | null;
  readonly checker: string | null;
  readonly what: string | null;
}

export const planOfBug = ({ engine, plan = {} }: Pick<PlantedBug, 'engine' | 'plan'>, seed: number): Plan =>
  planOf(seed, { engine, heights: HEIGHTS, ...plan });

/** Runs seeds in order until the checkers see something: a violation, a stall, an exception. */
export function hunt(
  runPlan: RunPlan,
  bug: Pick<PlantedBug, 'engine' | 'plan'>,
  { first, count }: SeedRange,
  onReport: (report: SeedReport) => void = () => {},
): Hunt {
  for (let i = 0; i < count; i++) {
    const seed = first + i;
    const report = runSeed(runPlan, planOfBug(bug, seed));
    onReport(report);
    const violation = report.violations[0];
    if (violation !== undefined) return { seeds: i + 1, seed, checker: violation.checker, what: violation.what };
  }
  return { seeds: count, seed: null, checker: null, what: null };
}

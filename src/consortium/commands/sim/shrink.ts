import { type RunPlan, runSeed, type SeedReport } from '../../../simulator/campaign/run-seed.ts';
import type { Plan } from '../../../simulator/plan.ts';
import { shrink } from '../../../simulator/shrink/shrink.ts';

export interface ShrunkFailure {
  readonly plan: Plan;
  readonly checker: string;
  readonly what: string;
}

/** The smallest plan found that violates what the run violated first. */
export function shrinkFailure(runPlan: RunPlan, { plan, violations }: SeedReport, say: (line: string) => void) {
  const first = violations[0];
  if (first === undefined) return null;
  let { what } = first;
  const fails = (candidate: Plan): boolean => {
    const same = runSeed(runPlan, candidate).violations.find(({ checker }) => checker === first.checker);
    what = same?.what ?? what;
    return same !== undefined;
  };
  say(`shrinking: ${sizeOf(plan)} …`);
  const { plan: smallest, runs } = shrink(plan, fails);
  say(`shrunk in ${runs} runs to ${sizeOf(smallest)}`);
  return { plan: smallest, checker: first.checker, what } satisfies ShrunkFailure;
}

const sizeOf = ({ faults, byzantine, validators, heights }: Plan): string =>
  `${faults.length} faults, ${byzantine.length} dishonest of ${validators}, ${heights} heights`;

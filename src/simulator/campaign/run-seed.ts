import { createCheckers, type Violation } from '../checkers/index.ts';
import { promisesFinality } from '../checkers/promise.ts';
import type { Observation, Observer } from '../observation.ts';
import type { Plan } from '../plan.ts';
import { Fingerprint } from '../trace/fingerprint.ts';

/** What the world says of a run once it is over. */
export interface RunOutcome {
  readonly heights: number;
  /** How often each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** The quiet phase did not make the progress that the plan asks for. */
  readonly stalled: boolean;
  /** Why it stalled. */
  readonly reason: string | null;
  readonly eventsTotal: number;
}

/** Runs a plan and shows the observers everything: the world, as a campaign knows it. */
export type RunPlan = (plan: Plan, options: { readonly observers: readonly Observer[] }) => RunOutcome;

/** One run, judged. JSON, so that a worker thread can hand it over. */
export interface SeedReport extends RunOutcome {
  readonly plan: Plan;
  /** `progress` among them where the run stalled. */
  readonly violations: readonly Violation[];
  /** Final blocks reversed in a run whose engine promises nothing. */
  readonly broken: number;
  readonly deepestReversal: number;
  /** Rules that took effect at an honest node. */
  readonly rules: readonly string[];
  /** Every rule of the engine's specification. */
  readonly allRules: readonly string[];
  readonly fingerprint: string;
}

/** The checker that a stalled run violates. */
export const PROGRESS = 'progress';
const STACK_LINES_MAX = 4;
/** Where the code under test broke down instead of answering: in a real node that is a crash. */
export const EXCEPTION = 'exception';

export function runSeed(runPlan: RunPlan, plan: Plan, observers: readonly Observer[] = []): SeedReport {
  const checkers = createCheckers({ promisesFinality: promisesFinality(plan) });
  const fingerprint = new Fingerprint();
  const coverage = new RuleCoverage();
  const observing = [checkers.observe, fingerprint.observe, coverage.observe, ...observers];
  const { outcome, exception } = attempt(() => runPlan(plan, { observers: observing }));
  if (exception === null) checkers.finish();
  const violations = [...checkers.violations, ...(exception ?? [])];
  if (outcome.stalled && !violations.some(({ checker }) => checker === PROGRESS))
    violations.push({ checker: PROGRESS, atMs: 0, node: -1, what: outcome.reason ?? 'no progress' });
  const { heights, faults, eventsTotal, reason } = outcome;
  return {
    heights,
    faults,
    eventsTotal,
    reason,
    plan,
    stalled: violations.some(({ checker }) => checker === PROGRESS),
    violations,
    broken: checkers.broken,
    deepestReversal: checkers.deepestReversal,
    rules: [...coverage.executed],
    allRules: coverage.rules,
    fingerprint: fingerprint.value,
  };
}

const NOTHING: RunOutcome = { heights: 0, faults: {}, stalled: false, reason: null, eventsTotal: 0 };

function attempt(run: () => RunOutcome): { outcome: RunOutcome; exception: readonly Violation[] | null } {
  try {
    return { outcome: run(), exception: null };
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const what = stack.split('\n').slice(0, STACK_LINES_MAX).join('\n');
    return { outcome: NOTHING, exception: [{ checker: EXCEPTION, atMs: 0, node: -1, what }] };
  }
}

/** Which rules an honest node lived by. */
class RuleCoverage {
  rules: readonly string[] = [];
  readonly executed = new Set<string>();
  readonly #honest = new Set<number>();

  readonly observe = (observation: Observation): void => {
    if (observation.type === 'genesis') this.rules = observation.rules;
    else if (observation.type === 'started')
      observation.honest ? this.#honest.add(observation.node) : this.#honest.delete(observation.node);
    else if (observation.type === 'engine' && this.#honest.has(observation.node))
      for (const rule of observation.rules) this.executed.add(rule);
  };
}

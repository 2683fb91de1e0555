import type { Primitives } from '../../base/primitives.ts';
import type { AnyEngine } from '../../consensus/engines.ts';
import { runScenario, twinsKeys } from './run-scenario.ts';
import { SCENARIOS, scenarioAt } from './scenario.ts';

/** Coprime to the number of scenarios, which is a power of two: its multiples visit all of them, and any run of them is spread out. */
const STRIDE = 104_729;
const FAILURES_SHOWN = 20;

export interface TwinsTally {
  readonly run: number;
  readonly violations: number;
  readonly stalled: number;
  readonly messages: number;
  /** Numbers of scenarios that failed, the first few. */
  readonly failures: readonly number[];
}

/** The `i`-th scenario of a sample; the first `SCENARIOS` of them are all there are. */
export const sampled = (i: number): number => (i * STRIDE) % SCENARIOS;

/** Runs the scenarios number `first` to `first + count − 1` of the order that `indexOf` gives. */
export function runTwins(
  engine: AnyEngine,
  primitives: Primitives,
  {
    first,
    count,
    indexOf,
  }: { readonly first: number; readonly count: number; readonly indexOf: (i: number) => number },
): TwinsTally {
  const keys = twinsKeys(primitives);
  let [violations, stalled, messages] = [0, 0, 0];
  const failures: number[] = [];
  for (let i = first; i < first + count; i++) {
    const index = indexOf(i);
    const verdict = runScenario(engine, primitives, keys, scenarioAt(index));
    messages += verdict.messages;
    if (!verdict.agreed) violations++;
    if (!verdict.progressed) stalled++;
    if ((!verdict.agreed || !verdict.progressed) && failures.length < FAILURES_SHOWN) failures.push(index);
  }
  return { run: count, violations, stalled, messages, failures };
}

export const addTallies = (a: TwinsTally, b: TwinsTally): TwinsTally => ({
  run: a.run + b.run,
  violations: a.violations + b.violations,
  stalled: a.stalled + b.stalled,
  messages: a.messages + b.messages,
  failures: [...a.failures, ...b.failures].slice(0, FAILURES_SHOWN),
});

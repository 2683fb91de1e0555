import { faultyNodes, type Plan } from '../plan.ts';

/** Fewer heights than this show no bug that more would not. */
const HEIGHTS_MIN = 2;
const VALIDATORS_MIN = 4;

/** The faults without those from `from` to `to` − 1. */
const without = <T>(list: readonly T[], from: number, to: number): readonly T[] => [
  ...list.slice(0, from),
  ...list.slice(to),
];

/** Halves, then quarters, down to single elements: delta debugging's order, so that large parts go first. */
function* chunks(length: number): Generator<readonly [from: number, to: number]> {
  for (let size = Math.ceil(length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < length; from += size) yield [from, Math.min(length, from + size)];
}

/**
 * Every plan that is one step smaller, the largest steps first: fewer faults, honest nodes in place of dishonest ones, less to do, fewer
 * heights, true clocks, fewer validators. Whatever is left out, the rest keeps its meaning: a plan names times and nodes, not draws.
 */
export function* reductions(plan: Plan): Generator<Plan> {
  for (const [from, to] of chunks(plan.faults.length)) yield { ...plan, faults: without(plan.faults, from, to) };
  for (const [from, to] of chunks(plan.byzantine.length))
    yield { ...plan, byzantine: without(plan.byzantine, from, to) };
  const { workload } = plan;
  if (workload.stories > 0) yield { ...plan, workload: { ...workload, stories: 0 } };
  if (workload.stories > 1) yield { ...plan, workload: { ...workload, stories: 1 } };
  for (const [from, to] of chunks(workload.governance.length))
    yield { ...plan, workload: { ...workload, governance: without(workload.governance, from, to) } };
  for (const heights of [HEIGHTS_MIN, Math.floor(plan.heights / 4), Math.floor(plan.heights / 2), plan.heights - 1])
    if (heights >= HEIGHTS_MIN && heights < plan.heights) yield { ...plan, heights };
  for (const share of [4, 2])
    if (plan.faults.every(({ untilMs }) => untilMs <= plan.quietFromMs / share) && plan.quietFromMs >= 2 * share)
      yield { ...plan, quietFromMs: Math.floor(plan.quietFromMs / share) };
  if (plan.skews.some(({ offsetMs, driftPpm }) => offsetMs !== 0 || driftPpm !== 0))
    yield { ...plan, skews: plan.skews.map(() => ({ offsetMs: 0, driftPpm: 0 })) };
  if (plan.network.delayMaxMs > plan.network.delayMinMs)
    yield { ...plan, network: { ...plan.network, delayMaxMs: plan.network.delayMinMs } };
  yield* withFewerNodes(plan);
}

/** The last node goes where nothing speaks of it, and where the faulty ones stay within f. */
function* withFewerNodes(plan: Plan): Generator<Plan> {
  const last = plan.validators + plan.followers - 1;
  if (speaksOf([plan.faults, plan.byzantine, plan.workload.governance], last)) return;
  const skews = plan.skews.slice(0, last);
  if (plan.followers > 0) yield { ...plan, followers: plan.followers - 1, skews };
  else if (plan.validators > VALIDATORS_MIN && 3 * faultyNodes(plan).size < plan.validators - 1)
    yield { ...plan, validators: plan.validators - 1, skews };
}

/** A node stands in a field `node`, or in a list of numbers: a plan has no other such lists. */
const speaksOf = (value: unknown, node: number): boolean =>
  Array.isArray(value)
    ? value.some((each) => each === node || speaksOf(each, node))
    : typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([name, field]) => (name === 'node' && field === node) || speaksOf(field, node));

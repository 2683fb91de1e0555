import { faultsOf } from '../base/validators.ts';
import type { Fault } from './fault.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';

/** By then a fifth validator has been voted in, where the schism needs one. */
const BEGINS_MS = { withGovernance: 60_000, without: 6_000 };
/** Long enough for each side to confirm what the other will contradict. */
const LASTS_MS = 45_000;

/**
 * What clique cannot survive, and says so: f members seal in both halves of a cut, each half has enough sealers to go on alone, and when the cut
 * heals one of two confirmed chains must go (CLIQUE-10). At n = 4 a half plus its twin is one short: a fifth member is voted in first.
 */
export function schismOf(plan: Plan): Plan {
  const random = new Random(plan.seed ^ 0x7f4a7c15);
  const needsFifth = plan.validators === 4;
  const twins = random.shuffle(range(plan.validators)).slice(0, faultsOf(plan.validators));
  const honest = range(plan.validators + (needsFifth ? 1 : 0)).filter((node) => !twins.includes(node));
  const one = random.shuffle(honest).slice(0, Math.ceil(honest.length / 2));
  const other = honest.filter((node) => !one.includes(node));
  const followers = needsFifth ? 1 : 0;
  const sides = range(plan.validators + followers).map((node) =>
    one.includes(node) ? 0 : other.includes(node) ? 1 : 2,
  );
  const atMs = needsFifth ? BEGINS_MS.withGovernance : BEGINS_MS.without;
  const untilMs = atMs + LASTS_MS;
  const cut = (from: readonly number[], to: readonly number[]): Fault => ({ kind: 'one-way', atMs, untilMs, from, to });
  return {
    ...plan,
    followers,
    network: { delayMinMs: 1, delayMaxMs: 20 },
    skews: [],
    byzantine: twins.map((node) => ({ node, behaviour: 'twin' as const, sides, sidesFromMs: atMs })),
    faults: [cut(one, other), cut(other, one)],
    workload: {
      stories: 2,
      pauseMaxMs: 500,
      governance: needsFifth ? [{ change: 'add', node: plan.validators, atMs: 500 }] : [],
    },
    quietFromMs: untilMs + 1_000,
    calm: false,
  };
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

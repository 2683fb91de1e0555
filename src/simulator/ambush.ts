import { faultsOf } from '../base/validators.ts';
import type { BehaviourName } from './byzantine/names.ts';
import type { Fault } from './fault.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';

const BEGINS_MS = 1_000;
/** Who lies in wait. */
const AMBUSHERS: readonly BehaviourName[] = ['lying-voter', 'lying-voter', 'forging-leader', 'half-hearted'];
const LOSSES = [0.1, 0.2, 0.3];
const DELAYS_MAX_MS = [0, 300, 1_000];

/**
 * Where locks matter most: f members who forge, among others that lose so many of each other's words that a height often takes several rounds, ends
 * for some before it ends for others, and leaves locks behind. Nothing crashes.
 */
export function ambushOf(plan: Plan): Plan {
  const random = new Random(plan.seed ^ 0x2c1b3c6d);
  const all = Array.from({ length: plan.validators }, (_, node) => node);
  const traitors = random.shuffle(all).slice(0, faultsOf(plan.validators));
  const everyone = { from: null, to: null };
  const span = { atMs: BEGINS_MS, untilMs: plan.quietFromMs };
  const loss: Fault = { kind: 'loss', ...span, links: everyone, share: random.pick(LOSSES) };
  const delayMaxMs = random.pick(DELAYS_MAX_MS);
  const delay: readonly Fault[] = delayMaxMs === 0 ? [] : [{ kind: 'delay', ...span, links: everyone, delayMaxMs }];
  return {
    ...plan,
    followers: 0,
    skews: [],
    byzantine: traitors.map((node) => ({ node, behaviour: random.pick(AMBUSHERS) })),
    faults: [loss, ...delay],
    workload: { ...plan.workload, stories: 1, governance: [] },
  };
}

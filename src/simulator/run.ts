import type { Primitives } from '../base/primitives.ts';
import { noblePrimitives } from '../crypto/noble.ts';
import type { Observer } from './observation.ts';
import type { Plan } from './plan.ts';
import { Simulation } from './simulation.ts';
import { Strikes } from './strikes.ts';
import { townFor } from './towns.ts';

export interface RunOptions {
  readonly observers?: readonly Observer[];
  /** Hashing, and signing where the plan wants the real curve. The pure ones where none are given: right, and slow. */
  readonly primitives?: Primitives;
}

/** What came of a run. Whether it was right is for the observers to say. */
export interface Outcome {
  readonly plan: Plan;
  /** The signer that was used, as it names itself. */
  readonly signer: string;
  /** The newest height that an honest node made durable. */
  readonly heights: number;
  /** Commits of all honest nodes. */
  readonly commits: number;
  /** How often each kind of fault struck, and each remedy was needed. */
  readonly faults: Readonly<Record<string, number>>;
  /** No progress after the faults had ended, or not of everyone. */
  readonly stalled: boolean;
  readonly reason: string | null;
  readonly eventsTotal: number;
  readonly virtualMs: number;
  readonly messages: SimulationCounts;
  readonly transactions: { readonly submitted: number; readonly final: number };
}
type SimulationCounts = Simulation['network']['counts'];

/** Heights that everyone honest must gain once faults have ended. */
const QUIET_HEIGHTS_MIN = 5;
/** The longest that the quiet phase may take: the slowest rounds that are left over, then a height's share for each. */
const QUIET_LIMIT_MS = 240_000;
const HEIGHT_LIMIT_MS = 20_000;

/** Runs a plan to its end. The same plan gives the same events, whatever the machine, the time zone or the folder. */
export function runPlan(plan: Plan, options: RunOptions = {}): Outcome {
  const town = townFor(plan, options.primitives ?? noblePrimitives);
  const simulation = new Simulation({ plan, town, observers: options.observers ?? [] });
  const strikes = new Strikes(simulation);
  simulation.start();
  runUntil(simulation, plan.quietFromMs, () => false);
  strikes.endAll();
  simulation.observe(-1, { type: 'quiet' });
  const goal = goalOf(simulation);
  const limitMs = plan.quietFromMs + QUIET_LIMIT_MS + HEIGHT_LIMIT_MS * plan.heights;
  const reached = runUntil(simulation, limitMs, () => allAt(simulation, goal));
  return outcomeOf(simulation, reached ? null : `node ${missing(simulation, goal).join(', node ')} below ${goal}`);
}

/** Runs until `reached` holds, or until this time since the genesis. */
function runUntil(simulation: Simulation, untilMs: number, reached: () => boolean): boolean {
  const { scheduler } = simulation;
  const endMs = scheduler.nowMs + untilMs - simulation.sinceMs;
  while (!reached()) {
    if (scheduler.step(endMs)) continue;
    scheduler.rest(endMs);
    return reached();
  }
  return true;
}

const goalOf = ({ newest, plan }: Simulation): number => Math.max(newest + QUIET_HEIGHTS_MIN, plan.heights);

/** Honest nodes that have not come so far. All of them run again: the faults are over. */
const missing = ({ nodes }: Simulation, goal: number): readonly number[] =>
  nodes.flatMap((node) => (node.honest && !(node.runs && node.height >= goal) ? [node.number] : []));

const allAt = ({ nodes, newest }: Simulation, goal: number): boolean =>
  newest >= goal && nodes.every((node) => !node.honest || (node.runs && node.height >= goal));

function outcomeOf(simulation: Simulation, reason: string | null): Outcome {
  const { plan, town, newest, commits, counts, events, sinceMs, network, clients } = simulation;
  return {
    plan,
    signer: town.primitives.name,
    heights: newest,
    commits,
    faults: counts.toRecord(),
    stalled: reason !== null,
    reason,
    eventsTotal: events,
    virtualMs: sinceMs,
    messages: { ...network.counts },
    transactions: { submitted: clients.submitted, final: clients.finished },
  };
}

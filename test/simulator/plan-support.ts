import { nativePrimitives } from '../../src/node/primitives.ts';
import type { Fault } from '../../src/simulator/fault.ts';
import type { Observation, Observer } from '../../src/simulator/observation.ts';
import { PLAN_VERSION, type Plan } from '../../src/simulator/plan.ts';
import { type Outcome, runPlan } from '../../src/simulator/run.ts';
import { GENESIS_MS } from '../../src/simulator/town.ts';

const primitives = nativePrimitives();

/** Four hospitals on a good day: nothing strikes but what a test puts in. */
export const planWith = (overrides: Partial<Plan> = {}): Plan => ({
  version: PLAN_VERSION,
  seed: 1,
  engine: 'qbft',
  validators: 4,
  followers: 0,
  heights: 12,
  signer: 'keyed-hash',
  network: { delayMinMs: 1, delayMaxMs: 20 },
  disk: { writeMinMs: 1, writeMaxMs: 4 },
  skews: [],
  byzantine: [],
  faults: [],
  workload: { stories: 1, pauseMaxMs: 500, governance: [] },
  quietFromMs: 12_000,
  calm: false,
  ...overrides,
});

/** A run with everything that was seen in it. */
export interface Watched {
  readonly outcome: Outcome;
  readonly seen: readonly Observation[];
}

export function watch(plan: Plan, ...observers: readonly Observer[]): Watched {
  const seen: Observation[] = [];
  const outcome = runPlan(plan, { primitives, observers: [(observation) => seen.push(observation), ...observers] });
  return { outcome, seen };
}

export const run = (plan: Plan, observers: readonly Observer[] = []): Outcome =>
  runPlan(plan, { primitives, observers });

type Of<Type extends Observation['type']> = Extract<Observation, { type: Type }>;

export const all = <Type extends Observation['type']>({ seen }: Watched, type: Type): readonly Of<Type>[] =>
  seen.filter((observation): observation is Of<Type> => observation.type === type);

type Effect = Of<'effect'>['effect'];
/** The effects of one type, with who had them and when since the genesis. */
export const effects = <Type extends Effect['type']>(watched: Watched, type: Type) =>
  all(watched, 'effect').flatMap(({ node, atMs, effect }) =>
    effect.type === type
      ? [{ node, sinceMs: atMs - GENESIS_MS, effect: effect as Extract<Effect, { type: Type }> }]
      : [],
  );

export const faultsSeen = (watched: Watched, kind: string) =>
  all(watched, 'fault').filter((fault) => fault.kind === kind);

/** One fault from 3 s to 8 s. */
export const fault = <F extends Omit<Fault, 'atMs' | 'untilMs'>>(what: F): Fault =>
  ({ atMs: 3_000, untilMs: 8_000, ...what }) as unknown as Fault;

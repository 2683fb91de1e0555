import { faultsOf } from '../base/validators.ts';
import type { EngineName } from '../consensus/engine.ts';
import { ambushOf } from './ambush.ts';
import { BEHAVIOURS, type BehaviourName } from './byzantine/names.ts';
import { drawFaults } from './draw-faults.ts';
import { type GovernanceStep, PLAN_VERSION, type Plan, type Skew, type WorkloadPlan } from './plan.ts';
import { Random } from './random.ts';
import { schismOf } from './schism.ts';

export interface PlanOptions {
  readonly engine: EngineName;
  /** 4 where not said. */
  readonly validators?: number;
  /** Where not said: 50 at n = 4, fewer where more validators make each height dearer. */
  readonly heights?: number;
}

const VALIDATORS_DEFAULT = 4;
/** One seed in this many signs with the real curve. */
const REAL_SIGNATURES_EVERY = 20;
/** In one seed of this many exactly f nodes are faulty; in the others, any number up to f. */
const FULL_HOUSE_EVERY = 3;
/** One seed of clique in this many keeps the conditions of its promise. */
const CALM_EVERY = 3;

/** Those who contradict themselves and those who forge come oftener: they are what quorums and justifications are for. */
const ODDS: readonly BehaviourName[] = [
  ...BEHAVIOURS,
  'equivocator',
  'equivocator',
  'twin',
  'half-hearted',
  'lying-voter',
  'forging-leader',
  'forging-leader',
];
/** What these may do to others is no double seal, and no more than a slow or silent member does. */
const CALM_BEHAVIOURS: readonly BehaviourName[] = ['silent', 'censor', 'garbage', 'lying-sync-peer'];

/** One seed of clique in this many splits the set in two, with members who seal in both. */
const SCHISM_EVERY = 9;
/** One seed of the others in this many is an ambush. */
const AMBUSH_EVERY = 8;

/** The run of a seed: swarm testing, so each seed leaves out a random part of all that could strike, and mixes the rest anew. */
export function planOf(seed: number, options: PlanOptions): Plan {
  const plan = drawPlan(seed, options);
  if (plan.engine === 'clique') return seed % SCHISM_EVERY === 2 ? schismOf(plan) : plan;
  return seed % AMBUSH_EVERY === 5 ? ambushOf(plan) : plan;
}

function drawPlan(seed: number, options: PlanOptions): Plan {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  const validators = options.validators ?? VALIDATORS_DEFAULT;
  const heights = options.heights ?? (validators <= 4 ? 50 : validators <= 7 ? 30 : 20);
  const calm = options.engine === 'clique' && seed % CALM_EVERY === 1;
  const faulty = drawFaulty(random, seed, validators);
  const behaving = faulty.filter(() => calm || random.chance(0.6));
  const byzantine = behaving.map((node) => ({ node, behaviour: random.pick(calm ? CALM_BEHAVIOURS : ODDS) }));
  const stale = byzantine.find(({ behaviour }) => behaviour === 'stale-set-signer')?.node ?? null;
  // Most of the heights go by under faults, the rest in the quiet phase.
  const quietFromMs = Math.round(heights * random.integer(500, 900));
  // A key whose signing record was lost may be replaced; a traitor's only where it is to be stale.
  const faithful = nodesUpTo(validators).filter((node) => !behaving.includes(node));
  const governance = drawGovernance(random, { validators, faithful, stale, quietFromMs });
  const followers = governance.some(({ change }) => change === 'add') || random.chance(0.25) ? 1 : 0;
  return {
    version: PLAN_VERSION,
    seed,
    engine: options.engine,
    validators,
    followers,
    heights,
    signer: seed % REAL_SIGNATURES_EVERY === 0 ? 'secp256k1' : 'keyed-hash',
    network: { delayMinMs: 1, delayMaxMs: random.pick([5, 20, 60, 150]) },
    disk: { writeMinMs: 1, writeMaxMs: random.pick([2, 4, 20]) },
    skews: nodesUpTo(validators + followers).map(() => drawSkew(random)),
    byzantine,
    faults: drawFaults(random, {
      validators,
      followers,
      losing: faulty.filter((node) => !behaving.includes(node)),
      quietFromMs,
      calm,
    }),
    workload: drawWorkload(random, governance),
    quietFromMs,
    calm,
  };
}

const nodesUpTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

function drawFaulty(random: Random, seed: number, validators: number): readonly number[] {
  const most = faultsOf(validators);
  const count = seed % FULL_HOUSE_EVERY === 0 ? most : random.integer(0, most);
  return random.shuffle(nodesUpTo(validators)).slice(0, count);
}

function drawSkew(random: Random): Skew {
  const offsetMaxMs = random.pick([0, 50, 400, 2_000]);
  const driftMaxPpm = random.pick([0, 200, 5_000]);
  return {
    offsetMs: random.integer(-offsetMaxMs, offsetMaxMs),
    driftPpm: random.integer(-driftMaxPpm, driftMaxPpm),
  };
}

function drawWorkload(random: Random, governance: readonly GovernanceStep[]): WorkloadPlan {
  const stories = random.pick([0, 1, 1, 1, 2]);
  return { stories, pauseMaxMs: random.pick([500, 2_000, 5_000]), governance };
}

interface GovernanceSetting {
  readonly validators: number;
  readonly faithful: readonly number[];
  readonly stale: number | null;
  readonly quietFromMs: number;
}

/** A validator is added before one is removed, so that f never falls below the faults of the plan. */
function drawGovernance(random: Random, setting: GovernanceSetting): readonly GovernanceStep[] {
  const { validators, faithful, stale, quietFromMs } = setting;
  if (stale === null && !random.chance(0.35)) return [];
  const changes = stale === null ? random.pick(GOVERNANCE_MIXES) : random.pick(STALE_MIXES);
  return changes.map((change, i) => ({
    change,
    node: change === 'add' ? validators : (stale ?? random.pick(faithful)),
    atMs: Math.round((quietFromMs * (i + 1)) / (changes.length + 3)),
  }));
}

type Change = GovernanceStep['change'];
const GOVERNANCE_MIXES: readonly (readonly Change[])[] = [
  ['add'],
  ['rotate'],
  ['add', 'remove'],
  ['rotate', 'add'],
  ['add', 'remove', 'rotate'],
];
/** What leaves a stale key behind. */
const STALE_MIXES: readonly (readonly Change[])[] = [['rotate'], ['add', 'remove']];

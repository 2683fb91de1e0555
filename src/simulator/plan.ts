import type { EngineName } from '../consensus/engine.ts';
import type { BehaviourName } from './byzantine/names.ts';
import type { Fault } from './fault.ts';

export const PLAN_VERSION = 1;

/**
 * A run as data. The plan decides everything that happens: the same plan gives the same events, to the byte. It is JSON, so it can be
 * kept, replayed and shrunk: any fault may be taken out, and what is left is a plan again. Times are milliseconds since the genesis.
 */
export interface Plan {
  readonly version: typeof PLAN_VERSION;
  /** Every random choice that the plan does not spell out: delays, who is asked, which bit flips. */
  readonly seed: number;
  readonly engine: EngineName;
  /** Validators of the genesis: nodes 0 … n − 1, in validator order. */
  readonly validators: number;
  /** Hospitals that only follow at first: nodes n, n + 1, … Governance may make them validators. */
  readonly followers: number;
  /** The run goes on until this height at least. */
  readonly heights: number;
  readonly signer: 'keyed-hash' | 'secp256k1';
  /** The network while no fault strikes. */
  readonly network: { readonly delayMinMs: number; readonly delayMaxMs: number };
  /** One durable write takes as long as this. */
  readonly disk: { readonly writeMinMs: number; readonly writeMaxMs: number };
  /** By node: how far its clock is off at genesis, and how much it gains. Corrected when the quiet phase begins. */
  readonly skews: readonly Skew[];
  readonly byzantine: readonly Betrayal[];
  readonly faults: readonly Fault[];
  readonly workload: WorkloadPlan;
  /** From here on no fault strikes and all running ones end: progress must be made. Byzantine nodes stay what they are. */
  readonly quietFromMs: number;
  /** Nothing but what clique's promise allows: delays below the block interval, and nobody who seals twice. */
  readonly calm: boolean;
}

export interface Betrayal {
  readonly node: number;
  readonly behaviour: BehaviourName;
  /** Twins alone: by peer, which of the two it hears from `sidesFromMs` on, 2 for both; before, each hears both. Where not said that changes with time. */
  readonly sides?: readonly number[];
  readonly sidesFromMs?: number;
}

export interface Skew {
  readonly offsetMs: number;
  readonly driftPpm: number;
}

export interface WorkloadPlan {
  /** Patients with their doctors, each with a story of its own. 0 leaves the chain idle. */
  readonly stories: number;
  /** How long people wait between two steps of a story, at most. */
  readonly pauseMaxMs: number;
  /** Validator changes that hospitals vote for, one after another. */
  readonly governance: readonly GovernanceStep[];
}

/** `atMs`: not before. A validator is removed only while a set without it still has as many members as the genesis. */
export interface GovernanceStep {
  readonly change: 'add' | 'remove' | 'rotate';
  readonly node: number;
  readonly atMs: number;
}

/** Every node that may break its word or forget it. Never more than f of them (CHAIN.md: more would be no consensus). */
export function faultyNodes(plan: Pick<Plan, 'byzantine' | 'faults'>): ReadonlySet<number> {
  const faulty = new Set(plan.byzantine.map(({ node }) => node));
  for (const fault of plan.faults) if (isStateLosing(fault)) faulty.add(fault.node);
  return faulty;
}

export const isStateLosing = (
  fault: Fault,
): fault is Extract<Fault, { kind: 'flipped-bit' | 'wiped-disk' | 'old-backup' }> =>
  fault.kind === 'flipped-bit' || fault.kind === 'wiped-disk' || fault.kind === 'old-backup';

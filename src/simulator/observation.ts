import type { Hash, PublicKey } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { EngineEffect, EngineName } from '../consensus/engine.ts';
import type { Header } from '../ledger/header.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import type { HostInput } from './host.ts';

/**
 * Everything that happens in a run, as it happens. Checkers, traces and coverage read nothing else, so they can share no mistake
 * with what they watch. `node` is −1 where the world acts, not a node.
 */
export type Observation = { readonly atMs: number; readonly node: number } & Happening;

export type Happening =
  /** Comes first, once: what everyone knows before anything happens. */
  | ({ readonly type: 'genesis' } & World)
  /**
   * `honest`: it follows the rules, whatever its disk and its clock do to it. `diskLost`: since this node last ran, its disk was wiped or
   * put back to an older copy, so that blocks it had committed may be gone; else it begins at or above the height it last committed.
   */
  | {
      readonly type: 'started';
      readonly publicKey: PublicKey | null;
      readonly honest: boolean;
      readonly height: number;
      readonly diskLost?: boolean;
    }
  | { readonly type: 'crashed' }
  /** What the host told the replica, before it took it. */
  | { readonly type: 'input'; readonly input: HostInput }
  /** What the replica had the host do. Durable writes are seen when they are done: before that a crash may undo them. */
  | { readonly type: 'effect'; readonly effect: ReplicaEffect }
  /** One step of the engine: what it was told, what it asked for, and by which rules. */
  | {
      readonly type: 'engine';
      readonly input: string;
      readonly effects: readonly EngineEffect[];
      readonly rules: readonly string[];
    }
  /** How much a node holds just now, looked at every so often. Each name has its limit in `checkers/bounds.ts`. */
  | { readonly type: 'sample'; readonly sizes: Readonly<Record<string, number>> }
  /** A fault strikes (`kind` as counted in the campaign's report) or ends. */
  | { readonly type: 'fault'; readonly kind: string; readonly detail: string }
  /** From here on there are no new faults: progress must be made. */
  | { readonly type: 'quiet' };

/** What a run begins with. */
export interface World {
  readonly engine: EngineName;
  /** Every numbered rule of the engine's specification. */
  readonly rules: readonly string[];
  readonly primitives: Primitives;
  readonly chainId: Hash;
  readonly header: Header;
  readonly hash: Hash;
  /** The set that decides height 1. */
  readonly validators: ValidatorSet;
  /** clique: blocks on top of a block before it is confirmed. */
  readonly confirmationDepth: number;
  /** How far a fresh block's time may be from an honest clock, and an honest clock from the true time. */
  readonly clocks: { readonly aheadMaxMs: number; readonly behindMaxMs: number; readonly skewMaxMs: number };
}

export type Observer = (observation: Observation) => void;

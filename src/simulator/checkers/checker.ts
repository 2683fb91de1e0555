import type { Observation, World } from '../observation.ts';
import type { BlockSeen } from './read-block.ts';

/** What must never happen did. `checker` is its kind: a shrunken plan must bring about the same one. */
export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  /** −1 where no single node is to blame. */
  readonly node: number;
  readonly what: string;
}

export type Report = (what: string) => void;

type Of<Type extends Observation['type']> = Extract<Observation, { type: Type }>;
export type EffectSeen = Of<'effect'>['effect'];
export type CommitEffect = Extract<EffectSeen, { type: 'commit' }>;
export type Vote = Extract<EffectSeen, { type: 'sign' }>['payload'];

/** An honest node's commit, with its block read once for all checkers. */
export interface Commit {
  readonly atMs: number;
  readonly node: number;
  readonly height: number;
  readonly block: BlockSeen;
  /** No honest node committed this block before. */
  readonly first: boolean;
  readonly effect: CommitEffect;
}

/** An honest node's signature: `key` is its validator key in hex, the same whichever node holds it. */
export interface Signing {
  readonly atMs: number;
  readonly node: number;
  readonly key: string;
  readonly vote: Vote;
}

/**
 * One promise, watched from outside: it sees what honest nodes do and shares no code with them, but for types, bytes and hashes. What
 * dishonest nodes do reaches it only as what honest ones make of it.
 */
export interface Checker {
  /** Everything, whoever did it. */
  observe?(observation: Observation): void;
  started?(started: Of<'started'>): void;
  commit?(commit: Commit): void;
  sign?(signing: Signing): void;
  engine?(step: Of<'engine'>): void;
  effect?(effect: EffectSeen, node: number): void;
  /** The run is over. */
  finish?(): void;
}

export type CheckerOf = (world: World, report: Report) => Checker;

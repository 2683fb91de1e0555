import { assert } from '../../base/assert.ts';
import { equal, toHex } from '../../base/bytes.ts';
import type { Observation, Observer, World } from '../observation.ts';
import { agreement } from './agreement.ts';
import { bounds } from './bounds.ts';
import { certificates } from './certificates.ts';
import type { Checker, CheckerOf, CommitEffect, Violation } from './checker.ts';
import { expiredGrants } from './expired-grants.ts';
import { finality } from './finality.ts';
import { halts } from './halts.ts';
import { oneVote } from './one-vote.ts';
import { possiblyFinal } from './possibly-final.ts';
import { preparedRound } from './prepared-round.ts';
import { progress } from './progress.ts';
import { type BlockSeen, readBlock } from './read-block.ts';
import { recentSealers } from './recent-sealers.ts';
import { Reversals } from './reversals.ts';
import { stateRoots } from './state-roots.ts';
import { transactionsOnce } from './transactions-once.ts';
import { validity } from './validity.ts';

export type { Violation } from './checker.ts';

/** Every promise by its name, one file each. */
export const CHECKERS: Readonly<Record<string, CheckerOf>> = {
  agreement,
  validity,
  certificates,
  'one-vote': oneVote,
  'prepared-round': preparedRound,
  'possibly-final': possiblyFinal,
  'recent-sealers': recentSealers,
  finality,
  progress,
  'state-roots': stateRoots,
  'transactions-once': transactionsOnce,
  'expired-grants': expiredGrants,
  bounds,
  halts,
};

/** What only holds while the engine promises finality: else it is measured. */
const FINALITY_CHECKERS: readonly string[] = ['agreement', 'finality', 'reversals', 'halts'];
/** A run that has gone wrong in one place goes wrong in many: the first ones tell. */
const VIOLATIONS_MAX = 32;

export interface Checkers {
  readonly observe: Observer;
  readonly violations: readonly Violation[];
  /** What the finality checkers saw in a run whose engine promises nothing (clique under faults). */
  readonly broken: number;
  /** Blocks that an honest node ever dropped at once. */
  readonly deepestReversal: number;
  /** The run is over: says what was never seen. */
  finish(): void;
}

export const createCheckers = (options: { readonly promisesFinality: boolean }): Checkers => new CheckerSet(options);

/** Hands what honest nodes do to every checker, a block read only once. */
class CheckerSet implements Checkers {
  readonly violations: Violation[] = [];
  broken = 0;
  readonly #promisesFinality: boolean;
  readonly #checkers: Checker[] = [];
  /** Those that look at every event, step, effect, signature or commit: most do not. */
  #watching: readonly Checker[] = [];
  #stepping: readonly Checker[] = [];
  #effecting: readonly Checker[] = [];
  #signing: readonly Checker[] = [];
  #committing: readonly Checker[] = [];
  readonly #blocks = new Map<string, BlockSeen>();
  /** Of nodes that run: key and honesty. */
  readonly #nodes = new Map<number, { readonly key: string | null; readonly honest: boolean }>();
  #reversals: Reversals | null = null;
  #now: Pick<Observation, 'atMs' | 'node'> = { atMs: 0, node: -1 };
  #world: World | null = null;

  constructor({ promisesFinality }: { readonly promisesFinality: boolean }) {
    this.#promisesFinality = promisesFinality;
  }

  get deepestReversal(): number {
    return this.#reversals?.deepest ?? 0;
  }

  readonly observe = (observation: Observation): void => {
    this.#now = observation;
    const { node } = observation;
    if (observation.type === 'genesis') this.#begin(observation);
    if (observation.type === 'started') {
      const { publicKey, honest } = observation;
      this.#nodes.set(node, { key: publicKey === null ? null : toHex(publicKey), honest });
    }
    for (const checker of this.#watching) checker.observe?.(observation);
    if (this.#nodes.get(node)?.honest === true) this.#honest(observation);
  };

  finish(): void {
    this.#now = { ...this.#now, node: -1 };
    for (const checker of this.#checkers) checker.finish?.();
  }

  #begin(world: World): void {
    assert(this.#world === null, 'a run has one genesis');
    this.#world = world;
    for (const [name, make] of Object.entries(CHECKERS)) this.#checkers.push(make(world, this.#reportOf(name)));
    this.#reversals = new Reversals(world, this.#reportOf('reversals'));
    if (world.engine === 'clique') this.#checkers.push(this.#reversals);
    this.#watching = this.#checkers.filter(({ observe }) => observe !== undefined);
    this.#stepping = this.#checkers.filter(({ engine }) => engine !== undefined);
    this.#effecting = this.#checkers.filter(({ effect }) => effect !== undefined);
    this.#signing = this.#checkers.filter(({ sign }) => sign !== undefined);
    this.#committing = this.#checkers.filter(({ commit }) => commit !== undefined);
  }

  #honest(observation: Observation): void {
    if (observation.type === 'started') for (const checker of this.#checkers) checker.started?.(observation);
    else if (observation.type === 'engine') for (const checker of this.#stepping) checker.engine?.(observation);
    else if (observation.type === 'effect') this.#effect(observation);
  }

  #effect({ atMs, node, effect }: Extract<Observation, { type: 'effect' }>): void {
    for (const checker of this.#effecting) checker.effect?.(effect, node);
    if (effect.type === 'commit') this.#commit(atMs, node, effect);
    if (effect.type !== 'sign') return;
    const key = this.#nodes.get(node)?.key ?? `node ${node}`;
    const signing = { atMs, node, key, vote: effect.payload };
    for (const checker of this.#signing) checker.sign?.(signing);
  }

  #commit(atMs: number, node: number, effect: CommitEffect): void {
    assert(this.#world !== null, 'a run begins with its genesis');
    const claimed = toHex(effect.hash);
    const known = this.#blocks.get(claimed);
    const same = known !== undefined && equal(known.bytes, effect.bytes);
    const block = same ? known : readBlock(this.#world.primitives, effect.bytes);
    if (block === null) {
      this.#reportOf('validity')(`node ${node} commits bytes that are no block`);
      return;
    }
    if (!same) this.#blocks.set(claimed, block);
    const commit = { atMs, node, height: effect.height, block, first: !same, effect };
    for (const checker of this.#committing) checker.commit?.(commit);
  }

  #reportOf(checker: string): (what: string) => void {
    return (what) => {
      const { atMs, node } = this.#now;
      if (!this.#promisesFinality && FINALITY_CHECKERS.includes(checker)) this.broken++;
      else if (this.violations.length < VIOLATIONS_MAX) this.violations.push({ checker, atMs, node, what });
    };
  }
}

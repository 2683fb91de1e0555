import type { Address, Height } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { faultsOf, quorumOf, type ValidatorSet } from '../base/validators.ts';

/**
 * A validator that (re)starts signs nothing before it has heard from as many others as make a quorum with it, and has every block
 * that they had then. It costs no progress: without them nothing is decided anyway. It keeps a folder restored from a backup
 * from voting again where it voted before: on the way it meets its own votes in the certificates, and those who answer still hold its
 * newest ones (signing-guard.ts).
 */
export class Rejoin {
  readonly #reports = new Map<string, Height>();
  /** The height to reach; null until enough have reported. */
  #target: number | null = null;
  #done = false;

  reported(peer: Address, height: Height): void {
    if (!this.#done) this.#reports.set(toHex(peer), height);
  }

  /** Whether `self` may vote with this set, on a tip of this height. Once true it stays true. */
  check(set: ValidatorSet, self: Address, tip: Height): boolean {
    if (this.#done) return true;
    this.#target ??= this.#targetOf(set, self);
    this.#done = this.#target !== null && tip >= this.#target;
    if (this.#done) this.#reports.clear();
    return this.#done;
  }

  /** Others of the set that have not reported: ask them again. */
  missing(set: ValidatorSet, self: Address): readonly Address[] {
    this.#target ??= this.#done ? null : this.#targetOf(set, self);
    if (this.#done || this.#target !== null) return [];
    return set.map(({ id }) => id).filter((id) => !equal(id, self) && !this.#reports.has(toHex(id)));
  }

  /** At most f lie upwards: the next highest report is one that an honest validator has reached, or below it. */
  #targetOf(set: ValidatorSet, self: Address): number | null {
    const others = set.filter(({ id }) => !equal(id, self));
    const heights = others.flatMap(({ id }) => this.#reports.get(toHex(id)) ?? []).sort((a, b) => b - a);
    if (heights.length < quorumOf(set.length) - 1) return null;
    return heights[Math.min(faultsOf(set.length), heights.length - 1)] ?? 0;
  }
}

import { Random } from '../random.ts';

/** How long the same peers belong to the same twin. */
const SPLIT_MS = 6_000;

/** By peer: 0 and 1 hear one twin, 2 hears both; from a time on, before which everyone hears both. */
export interface FixedSplit {
  readonly sides: readonly number[];
  readonly fromMs: number;
}

/**
 * Two honest nodes with one key, each with a disk of its own, that see different parts of the network. Neither ever breaks a rule it knows of:
 * the contradictions come from what each does not hear.
 */
export class TwinSplit {
  readonly #seed: number;
  readonly #nodes: number;
  readonly #fixed: FixedSplit | null;
  #window = -1;
  /** By peer: 0 and 1 hear one twin, 2 hears both. */
  #sides: readonly number[] = [];

  constructor(seed: number, nodes: number, fixed: FixedSplit | null = null) {
    this.#seed = seed;
    this.#nodes = nodes;
    this.#fixed = fixed;
  }

  /** Whether the twin `which` and `peer` hear each other at this time since the genesis. */
  joins(which: number, peer: number, sinceMs: number): boolean {
    if (this.#fixed !== null && sinceMs < this.#fixed.fromMs) return true;
    const window = Math.floor(sinceMs / SPLIT_MS);
    if (window !== this.#window) {
      const random = new Random(this.#seed ^ Math.imul(window + 1, 0x2545f491));
      this.#sides = Array.from({ length: this.#nodes }, () => random.integer(0, 2));
      this.#window = window;
    }
    const side = (this.#fixed?.sides ?? this.#sides)[peer];
    return side === 2 || side === which;
  }
}

import { Random } from '../random.ts';

/** How long the same peers belong to the same twin. */
const SPLIT_MS = 6_000;

/**
 * Two honest nodes with one key, each with a disk of its own, that see different parts of the network. Neither ever breaks a rule it knows of:
 * the contradictions come from what each does not hear.
 */
export class TwinSplit {
  readonly #seed: number;
  readonly #nodes: number;
  readonly #fixed: readonly number[] | null;
  #window = -1;
  /** By peer: 0 and 1 hear one twin, 2 hears both. */
  #sides: readonly number[] = [];

  constructor(seed: number, nodes: number, fixed: readonly number[] | null = null) {
    this.#seed = seed;
    this.#nodes = nodes;
    this.#fixed = fixed;
  }

  /** Whether the twin `which` and `peer` hear each other at this time since the genesis. */
  joins(which: number, peer: number, sinceMs: number): boolean {
    const window = Math.floor(sinceMs / SPLIT_MS);
    if (window !== this.#window) {
      const random = new Random(this.#seed ^ Math.imul(window + 1, 0x2545f491));
      this.#sides = Array.from({ length: this.#nodes }, () => random.integer(0, 2));
      this.#window = window;
    }
    const side = (this.#fixed ?? this.#sides)[peer];
    return side === 2 || side === which;
  }
}

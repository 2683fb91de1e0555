import type { Height } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { decodeEvidence, evidenceId } from '../consensus/evidence.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

interface Held {
  readonly bytes: Uint8Array;
  /** Of the newer of its two votes: no block below may show it. */
  readonly height: number;
}

/** Proofs of double votes that wait for a block of ours: one for each offence. */
export class EvidencePool {
  readonly #primitives: Primitives;
  readonly #byOffence = new Map<string, Held>();

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  get size(): number {
    return this.#byOffence.size;
  }

  add(bytes: Uint8Array): void {
    const evidence = decodeEvidence(bytes);
    if (!evidence.ok || this.#byOffence.size >= PROTOCOL_LIMITS.evidenceMax) return;
    const { first, second } = evidence.value;
    const key = toHex(evidenceId(this.#primitives, evidence.value));
    if (!this.#byOffence.has(key)) this.#byOffence.set(key, { bytes, height: Math.max(first.height, second.height) });
  }

  /** What a block of `height` may show. Votes of later heights, which simplex and clique run ahead to, wait for their own (B-6). */
  list(height: Height): readonly Uint8Array[] {
    return [...this.#byOffence.values()].filter((held) => held.height <= height).map(({ bytes }) => bytes);
  }

  /** A final block shows these offences, by these votes or by others. */
  settle(included: readonly Uint8Array[]): void {
    for (const bytes of included) {
      const evidence = decodeEvidence(bytes);
      if (evidence.ok) this.#byOffence.delete(toHex(evidenceId(this.#primitives, evidence.value)));
    }
  }

  /**
   * A block of `height` was built on the durable tip, and of what it was offered it took `taken` alone: the ledger will never have the
   * rest. What is of later heights stays, unless they are so far off that one liar's votes would fill the pool for ever.
   */
  refused(height: Height, taken: readonly Uint8Array[]): void {
    const kept = new Set(taken.map(toHex));
    for (const [key, held] of this.#byOffence) {
      const waits = held.height > height && held.height <= height + PROTOCOL_LIMITS.evidenceAheadMax;
      if (!waits && !kept.has(toHex(held.bytes))) this.#byOffence.delete(key);
    }
  }
}

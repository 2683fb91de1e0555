import { equal, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { decodeEvidence, evidenceId } from '../consensus/evidence.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

/** Proofs of double votes that wait for a block of ours: one for each offence. */
export class EvidencePool {
  readonly #primitives: Primitives;
  readonly #byOffence = new Map<string, Uint8Array>();

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  add(bytes: Uint8Array): void {
    const key = this.#offenceOf(bytes);
    if (key === undefined || this.#byOffence.size >= PROTOCOL_LIMITS.evidenceMax) return;
    if (!this.#byOffence.has(key)) this.#byOffence.set(key, bytes);
  }

  list(): readonly Uint8Array[] {
    return [...this.#byOffence.values()];
  }

  /** A final block shows these offences, by these votes or by others. */
  settle(included: readonly Uint8Array[]): void {
    for (const bytes of included) {
      const key = this.#offenceOf(bytes);
      if (key !== undefined) this.#byOffence.delete(key);
    }
  }

  /** A block that offered `bytes` was built without them: the ledger will not have them. */
  drop(bytes: Uint8Array): void {
    for (const [key, held] of this.#byOffence) if (equal(held, bytes)) this.#byOffence.delete(key);
  }

  #offenceOf(bytes: Uint8Array): string | undefined {
    const evidence = decodeEvidence(bytes);
    return evidence.ok ? toHex(evidenceId(this.#primitives, evidence.value)) : undefined;
  }
}

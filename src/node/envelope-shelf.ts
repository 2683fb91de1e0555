import type { Hash } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { envelopeCommitment } from '../crypto/envelope.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import { decodeSaltedEnvelope, encodeSaltedEnvelope, type SaltedEnvelope } from './duty-wire.ts';

/**
 * Envelopes by the commitment that the chain holds of them. Nobody can put another envelope in a record's place, and one that came from a
 * peer is known to be the right one before it is kept.
 */
export class EnvelopeShelf {
  readonly #primitives: Primitives;
  readonly #store: EnvelopeStore;

  constructor(primitives: Primitives, store: EnvelopeStore) {
    this.#primitives = primitives;
    this.#store = store;
  }

  hashOf({ envelope, salt }: SaltedEnvelope): Hash {
    return envelopeCommitment(this.#primitives, salt, envelope);
  }

  async get(envelopeHash: Hash): Promise<SaltedEnvelope | undefined> {
    const bytes = await this.#store.envelope(envelopeHash);
    return bytes === undefined ? undefined : decodeSaltedEnvelope(bytes);
  }

  async has(envelopeHash: Hash): Promise<boolean> {
    return (await this.#store.envelope(envelopeHash)) !== undefined;
  }

  /** Keeps an envelope for good: a record names it. False where it is not the one of that commitment. */
  async keep(envelopeHash: Hash, salted: SaltedEnvelope): Promise<boolean> {
    if (!equal(this.hashOf(salted), envelopeHash)) return false;
    if (!(await this.has(envelopeHash))) await this.#store.putEnvelope(envelopeHash, encodeSaltedEnvelope(salted));
    return true;
  }

  /**
   * Keeps an envelope with an upload that no record names yet: one for each upload, and it ends with it. The row that ties them stays when a
   * record names both: it holds a hash that is on chain anyway, and erasing costs a compaction.
   */
  async keepWithUpload(cid: Uint8Array, salted: SaltedEnvelope): Promise<Hash> {
    const envelopeHash = this.hashOf(salted);
    const before = await this.#store.envelope(cid);
    await this.keep(envelopeHash, salted);
    if (before !== undefined && equal(before, envelopeHash)) return envelopeHash;
    if (before !== undefined) await this.#store.eraseEnvelope(before);
    await this.#store.putEnvelope(cid, envelopeHash);
    return envelopeHash;
  }

  /** The upload expired: no record named it. */
  async uploadExpired(cid: Uint8Array): Promise<void> {
    const envelopeHash = await this.#store.envelope(cid);
    if (envelopeHash === undefined) return;
    await this.#store.eraseEnvelope(envelopeHash);
    await this.#store.eraseEnvelope(cid);
  }
}

import type { Hash } from '../base/brand.ts';
import { concat, equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { envelopeCommitment } from '../crypto/envelope.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { decodeSaltedEnvelope, encodeSaltedEnvelope, type SaltedEnvelope } from './duty-wire.ts';
import { NODE_LIMITS } from './limits.ts';

const HASH_BYTES = 32;

/**
 * Envelopes by the commitment that the chain holds of them. Nobody can put another envelope in a record's place, and one that came from a
 * peer is known to be the right one before it is kept.
 */
export class EnvelopeShelf {
  readonly #primitives: Primitives;
  readonly #store: EnvelopeStore;
  /** The row of an upload is read, decided on, then written. */
  readonly #uploads = new Serial();

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
   * Keeps an envelope with an upload that no record names yet. The hospital signs for each one, and any of them may be the one that gets
   * registered: none gives way to another before that, or before the upload expires.
   */
  keepWithUpload(cid: Uint8Array, salted: SaltedEnvelope): Promise<Result<Hash, NodeCode>> {
    const envelopeHash = this.hashOf(salted);
    return this.#uploads.run(async () => {
      const held = await this.#ofUpload(cid);
      const known = held.some((each) => equal(each, envelopeHash));
      if (!known && held.length >= NODE_LIMITS.envelopesPerUploadMax)
        return refuse('duty.too-many-envelopes', { envelopesMax: NODE_LIMITS.envelopesPerUploadMax });
      // The upload's row first: an envelope that a crash leaves out of it would outlive the upload.
      if (!known) await this.#store.putEnvelope(cid, concat(...held, envelopeHash));
      await this.keep(envelopeHash, salted);
      return ok(envelopeHash);
    });
  }

  /** A record names the upload with one of its envelopes: the others open nothing any more. */
  registered(cid: Uint8Array, envelopeHash: Hash): Promise<void> {
    return this.#uploads.run(async () => {
      const others = (await this.#ofUpload(cid)).filter((each) => !equal(each, envelopeHash));
      // A row of this envelope alone may stay: it holds a hash that is on chain anyway, and erasing costs a compaction.
      if (others.length > 0) await this.#erase(cid, others);
    });
  }

  /** The upload expired: no record named it. */
  uploadExpired(cid: Uint8Array): Promise<void> {
    return this.#uploads.run(async () => {
      const held = await this.#ofUpload(cid);
      if (held.length > 0) await this.#erase(cid, held);
    });
  }

  async #ofUpload(cid: Uint8Array): Promise<readonly Hash[]> {
    const row = (await this.#store.envelope(cid)) ?? new Uint8Array(0);
    return Array.from(
      { length: row.length / HASH_BYTES },
      (_, i) => row.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES) as Hash,
    );
  }

  async #erase(cid: Uint8Array, envelopes: readonly Hash[]): Promise<void> {
    for (const envelopeHash of envelopes) await this.#store.eraseEnvelope(envelopeHash);
    await this.#store.eraseEnvelope(cid);
  }
}

import type { Hash } from '../base/brand.ts';
import { concat, equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeEnvelope, type Envelope, envelopeCommitment } from '../crypto/envelope.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { decodeSaltedEnvelope, encodeSaltedEnvelope, type SaltedEnvelope } from './duty-wire.ts';
import { NODE_LIMITS } from './limits.ts';
import type { RecordBytes } from './record-rows.ts';

const HASH_BYTES = 32;
const NOTHING = new Uint8Array(0);

/**
 * Envelopes by the commitment that the chain holds of them. Nobody can put another envelope in a record's place, and one that came from a
 * peer is known to be the right one before it is kept. Beside them lies, under each content id, the list of all envelopes that are kept for that
 * content: whatever becomes of it, none is left behind.
 */
export class EnvelopeShelf {
  readonly #primitives: Primitives;
  readonly #store: EnvelopeStore;
  /** A content's list is read, decided on, then written; what the state says of it is asked in here too, so that no erasure comes in between. */
  readonly #steps = new Serial();

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

  async has(envelopeHash: Uint8Array): Promise<boolean> {
    return (await this.#store.envelope(envelopeHash)) !== undefined;
  }

  /** Whether any envelope is kept for this content. */
  async hasAny(cid: Uint8Array): Promise<boolean> {
    return (await this.#listOf(cid)).length > 0;
  }

  /** Keeps the envelope that a record names. False where it is another, or where `isNamed` says that no record does by now. */
  async keep({ cid, envelopeHash }: RecordBytes, salted: SaltedEnvelope, isNamed: () => boolean): Promise<boolean> {
    if (!equal(this.hashOf(salted), envelopeHash)) return false;
    return this.#steps.run(async () => {
      if (!isNamed()) return false;
      await this.#put(cid, envelopeHash, salted, await this.#listOf(cid));
      return true;
    });
  }

  /**
   * Keeps an envelope with an upload that no record names yet, or one that may replace a record's, where `check` allows it. The hospital signs for
   * each, and any of them may be the one that gets registered: none gives way to another before that, or before none can be any more.
   */
  keepWithUpload(
    cid: Uint8Array,
    salted: SaltedEnvelope,
    check: () => Result<null, NodeCode> = () => ok(null),
  ): Promise<Result<Hash, NodeCode>> {
    const envelopeHash = this.hashOf(salted);
    return this.#steps.run(async () => {
      const checked = check();
      if (!checked.ok) return checked;
      const held = await this.#listOf(cid);
      if (!includes(held, envelopeHash) && held.length >= NODE_LIMITS.envelopesPerUploadMax)
        return refuse('duty.too-many-envelopes', { envelopesMax: NODE_LIMITS.envelopesPerUploadMax });
      await this.#put(cid, envelopeHash, salted, held);
      return ok(envelopeHash);
    });
  }

  /** A record names the content with one of its envelopes. The others are erased, but for those that may still replace it. */
  registered(
    { cid, envelopeHash }: RecordBytes,
    mayReplace: (envelope: Envelope) => boolean = () => false,
  ): Promise<void> {
    return this.#steps.run(async () => {
      const held = await this.#listOf(cid);
      const over: Hash[] = [];
      for (const each of held) if (!equal(each, envelopeHash) && !(await this.#may(each, mayReplace))) over.push(each);
      if (over.length === 0) return;
      await this.#store.eraseEnvelopes(over);
      const left = held.filter((each) => !includes(over, each));
      if (left.length > 0) await this.#store.putEnvelope(cid, concat(...left));
      else await this.#store.eraseEnvelope(cid);
    });
  }

  /** The upload expired: no record named it. */
  uploadExpired(cid: Uint8Array): Promise<void> {
    return this.#steps.run(() => this.#eraseAll(cid, []));
  }

  /** This envelope and all others of its content leave the disk; also what an erasure left there when it was cut short. */
  erase({ cid, envelopeHash }: RecordBytes): Promise<void> {
    return this.#steps.run(() => this.#eraseAll(cid, [envelopeHash]));
  }

  noteShredded(record: Uint8Array): Promise<void> {
    return this.#store.noteShredded(record);
  }

  isShredded(record: Uint8Array): Promise<boolean> {
    return this.#store.isShredded(record);
  }

  async #may(envelopeHash: Hash, mayReplace: (envelope: Envelope) => boolean): Promise<boolean> {
    const salted = await this.get(envelopeHash);
    const envelope = salted === undefined ? undefined : decodeEnvelope(this.#primitives, salted.envelope);
    return envelope?.ok === true && mayReplace(envelope.value);
  }

  async #listOf(cid: Uint8Array): Promise<readonly Hash[]> {
    const row = (await this.#store.envelope(cid)) ?? NOTHING;
    return Array.from(
      { length: row.length / HASH_BYTES },
      (_, i) => row.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES) as Hash,
    );
  }

  /** The list first: an envelope that a crash leaves out of it would outlive its content. */
  async #put(cid: Uint8Array, envelopeHash: Hash, salted: SaltedEnvelope, held: readonly Hash[]): Promise<void> {
    if (!includes(held, envelopeHash)) await this.#store.putEnvelope(cid, concat(...held, envelopeHash));
    if (!(await this.has(envelopeHash))) await this.#store.putEnvelope(envelopeHash, encodeSaltedEnvelope(salted));
  }

  /** The list last: what a crash interrupts is found by it, and erased again. */
  async #eraseAll(cid: Uint8Array, others: readonly Hash[]): Promise<void> {
    const listed = await this.#listOf(cid);
    const held = [...listed, ...others.filter((other) => !includes(listed, other))];
    if (held.length === 0) return;
    await this.#store.eraseEnvelopes(held);
    await this.#store.eraseEnvelope(cid);
  }
}

const includes = (hashes: readonly Hash[], one: Uint8Array): boolean => hashes.some((each) => equal(each, one));

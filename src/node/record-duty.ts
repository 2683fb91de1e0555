import type { Address, Hash, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { addressOf, signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeEnvelope, type Envelope, verifyEnvelope } from '../crypto/envelope.ts';
import { storageReceiptBytes } from '../ledger/signed-words.ts';
import { contents, keyBindings, type RecordRow, records } from '../ledger/state/tables.ts';
import { cidText } from './cid.ts';
import type { NodeCode } from './codes.ts';
import type { DutyBody } from './duty-wire.ts';
import type { NodeContext } from './node-context.ts';
import type { RecordFetcher } from './record-fetch.ts';
import { bytesOf, isShreddedContent, mayBeRewrapped } from './record-rows.ts';

export interface StoredRecord {
  readonly envelopeHash: Hash;
  readonly ciphertextBytes: number;
  /** What every hospital that stores it signs. */
  readonly words: Uint8Array;
  /** The duty key's word for it. */
  readonly signature: Signature;
}

/** An envelope that is to be kept, and what its receipt says. */
interface Offered {
  readonly envelope: Envelope;
  readonly envelopeHash: Hash;
  readonly words: Uint8Array;
}

/** Keeping a ciphertext with its envelope, and signing that they are kept. */
export class RecordDuty {
  readonly #context: NodeContext;
  readonly #fetcher: RecordFetcher;

  constructor(context: NodeContext, fetcher: RecordFetcher) {
    this.#context = context;
    this.#fetcher = fetcher;
  }

  /** `from`: the hospital that has the ciphertext and asks; null where it must be here already. */
  async store(request: DutyBody<'storeRecord'>, from: Address | null): Promise<Result<StoredRecord>> {
    const { blobs, shelf, env, hospital } = this.#context;
    const { record, cid, envelope, salt } = request;
    const checked = this.#checkEnvelope(request);
    if (!checked.ok) return checked;
    if (isShreddedContent(this.#context.state, cid)) return refuse('duty.content-shredded');
    const text = cidText(cid);
    if (from !== null && !(await blobs.has(text))) await this.#fetcher.fetchBlob(from, cid, from);
    const stored = await blobs.info(text);
    if (stored === undefined) return refuse('duty.blob-missing', { hospital: toHex(hospital) });
    const envelopeHash = shelf.hashOf({ envelope, salt });
    const ciphertextBytes = stored.bytes;
    const { author, keyId, version } = checked.value;
    const words = storageReceiptBytes(env.chainId, {
      record,
      version,
      cid,
      ciphertextBytes,
      envelopeHash,
      author: addressOf(env.primitives, author),
      ...keyId,
    });
    const check = () => this.#checkContent(request, { envelope: checked.value, envelopeHash, words });
    await this.#giveUpDead(request);
    const kept = await shelf.keepWithUpload(cid, { envelope, salt }, check);
    if (!kept.ok) return kept;
    const digest = signingDigest(env.primitives, 'storage-receipt', words);
    const signature = env.primitives.sign(digest, this.#context.dutySecret);
    return ok({ envelopeHash, ciphertextBytes, words, signature });
  }

  /** The author signed this envelope for this record and this ciphertext: nobody registers another's capsule. */
  #checkEnvelope({ record, cid, envelope }: DutyBody<'storeRecord'>): Result<Envelope> {
    const { primitives, chainId } = this.#context.env;
    if (cidText(cid) === '') return refuse('duty.cid-invalid');
    const decoded = decodeEnvelope(primitives, envelope);
    if (!decoded.ok) return decoded;
    if (!equal(decoded.value.recordId, record)) return refuse('duty.envelope-foreign');
    const authored = verifyEnvelope(primitives, { chainId, cid }, decoded.value);
    return authored.ok ? ok(decoded.value) : refuse('duty.envelope-foreign');
  }

  /** A content that stands on chain keeps the envelope that stands with it, unless its owner replaces that under a newer key. */
  #checkContent({ cid, ownerSignature }: DutyBody<'storeRecord'>, offered: Offered): Result<null, NodeCode> {
    const { state } = this.#context;
    const holder = contents.get(state, toHex(cid));
    if (holder === undefined) return ok(null);
    const row = records.get(state, toHex(holder));
    if (row === undefined || row.status !== 'live') return refuse('duty.content-shredded');
    if (!equal(row.cid, cid)) return refuse('duty.content-registered');
    if (equal(row.envelopeHash, offered.envelopeHash)) return ok(null);
    const { recordId, version, keyId } = offered.envelope;
    const replaces =
      equal(recordId, holder) &&
      equal(keyId.category, row.category) &&
      mayBeRewrapped(state, { record: toHex(holder), version }, keyId.epoch);
    if (!replaces) return refuse('duty.content-registered');
    return this.#isOwners(row, ownerSignature, offered) ? ok(null) : refuse('duty.replacement-unsigned');
  }

  /**
   * Who made the envelope is the owner, and says so by signature: what is kept for a record is bounded, and anybody knows the owner's public
   * key and could fill it up with envelopes in the owner's name.
   */
  #isOwners(row: RecordRow, ownerSignature: Uint8Array | null, { envelope, words }: Offered): boolean {
    const { env, state } = this.#context;
    const key = keyBindings.get(state, toHex(addressOf(env.primitives, envelope.author)));
    if (ownerSignature === null || key === undefined || key.retired || !equal(key.id, row.owner)) return false;
    const digest = signingDigest(env.primitives, 'envelope-replacement', words);
    return env.primitives.verify(digest, ownerSignature as Signature, envelope.author);
  }

  /** Makes room: what an ended epoch left waiting can replace nothing any more. */
  async #giveUpDead({ record, cid }: DutyBody<'storeRecord'>): Promise<void> {
    const { state, shelf } = this.#context;
    const id = toHex(record);
    const row = records.get(state, id);
    if (row?.status !== 'live' || !equal(row.cid, cid)) return;
    const of = { record: id, version: row.version };
    await shelf.registered(bytesOf(row), ({ keyId }) => mayBeRewrapped(state, of, keyId.epoch));
  }
}

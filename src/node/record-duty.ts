import type { Address, Hash, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { addressOf, signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeEnvelope, type Envelope, verifyEnvelope } from '../crypto/envelope.ts';
import { storageReceiptBytes } from '../ledger/signed-words.ts';
import { contents, records } from '../ledger/state/tables.ts';
import { cidText } from './cid.ts';
import type { NodeCode } from './codes.ts';
import type { DutyBody } from './duty-wire.ts';
import type { NodeContext } from './node-context.ts';
import type { RecordFetcher } from './record-fetch.ts';

export interface StoredRecord {
  readonly envelopeHash: Hash;
  readonly ciphertextBytes: number;
  /** What every hospital that stores it signs. */
  readonly words: Uint8Array;
  /** The duty key's word for it. */
  readonly signature: Signature;
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
    const text = cidText(cid);
    if (from !== null && !(await blobs.has(text))) await this.#fetcher.fetchBlob(from, cid, `hospital:${toHex(from)}`);
    const stored = await blobs.info(text);
    if (stored === undefined) return refuse('duty.blob-missing', { hospital: toHex(hospital) });
    const free = this.#checkContent(cid, shelf.hashOf({ envelope, salt }));
    if (!free.ok) return free;

    const kept = await shelf.keepWithUpload(cid, { envelope, salt });
    if (!kept.ok) return kept;
    const envelopeHash = kept.value;
    const ciphertextBytes = stored.bytes;
    const { author, keyId } = checked.value;
    const words = storageReceiptBytes(env.chainId, {
      record,
      cid,
      ciphertextBytes,
      envelopeHash,
      author: addressOf(env.primitives, author),
      ...keyId,
    });
    const digest = signingDigest(env.primitives, 'storage-receipt', words);
    const signature = env.primitives.sign(digest, this.#context.dutySecret);
    return ok({ envelopeHash, ciphertextBytes, words, signature });
  }

  /** The author signed this envelope for this record and this ciphertext: nobody registers another's capsule. */
  #checkEnvelope({ record, cid, envelope }: DutyBody<'storeRecord'>): Result<Envelope> {
    const { primitives, chainId } = this.#context.env;
    if (cidText(cid) === '') return refuse('duty.cid-invalid');
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok) return decoded;
    if (!equal(decoded.value.recordId, record)) return refuse('duty.envelope-foreign');
    const authored = verifyEnvelope(primitives, { chainId, cid }, decoded.value);
    return authored.ok ? ok(decoded.value) : refuse('duty.envelope-foreign');
  }

  /** A content that stands on chain keeps the envelope that stands with it. */
  #checkContent(cid: Uint8Array, envelopeHash: Hash): Result<null, NodeCode> {
    const { state } = this.#context;
    const holder = contents.get(state, toHex(cid));
    const row = holder === undefined ? undefined : records.get(state, toHex(holder));
    const same = row !== undefined && equal(row.cid, cid) && equal(row.envelopeHash, envelopeHash);
    return holder === undefined || same ? ok(null) : refuse('duty.content-registered');
  }
}

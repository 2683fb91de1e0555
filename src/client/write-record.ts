import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type DelegatingKey, parameterRows } from '../ledger/state/tables.ts';
import type { DutyReceipt, Upload } from './api.ts';
import { provenDelegatingKey } from './categories.ts';
import type { Content } from './content.ts';
import { contentIdText } from './content-id.ts';
import { provenRow } from './proven.ts';
import { type SealedRecord, type SealedStream, sealContentForOwner, sealForOwner } from './seal.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

const RECORD_ID_BYTES = 32;

export interface NewRecord {
  readonly owner: Address;
  readonly category: Uint8Array;
  /** Bytes in memory, or content that is streamed whatever its size. */
  readonly plaintext: Uint8Array | Content;
}

export interface WrittenRecord {
  readonly record: Uint8Array;
  readonly version: number;
  readonly cid: string;
  readonly ciphertextBytes: number;
  readonly sent: Sent;
}

/** Encrypts on this device, has hospitals store the result, and registers it: for its owner, or under a write grant. */
export async function writeRecord(session: Session, author: Wallet, input: NewRecord): Promise<Result<WrittenRecord>> {
  const record = session.device.random(RECORD_ID_BYTES);
  const { owner, category, plaintext } = input;
  const stored = await sealAndStore(session, author, { record, version: 1, owner, category, plaintext });
  if (!stored.ok) return stored;
  const { fields, cid } = stored.value;
  const sent = applied(await session.send('registerRecord', { ...fields, owner, category }));
  return sent.ok ? ok({ record, version: 1, cid, ciphertextBytes: fields.ciphertextBytes, sent: sent.value }) : sent;
}

/** What stands on chain of the version that is amended: the author's device knows it from writing or reading it. */
export interface Amendment extends NewRecord {
  readonly record: Uint8Array;
  /** The new version: one more than the present one. */
  readonly version: number;
}

/** A new version under the same id, under a new data key and the category's current epoch. */
export async function amendRecord(session: Session, author: Wallet, input: Amendment): Promise<Result<WrittenRecord>> {
  const stored = await sealAndStore(session, author, input);
  if (!stored.ok) return stored;
  const { record, version } = input;
  const { fields, cid } = stored.value;
  const sent = applied(await session.send('amendRecord', fields));
  return sent.ok ? ok({ record, version, cid, ciphertextBytes: fields.ciphertextBytes, sent: sent.value }) : sent;
}

/** The fields of a payload that storing gives. */
async function sealAndStore(session: Session, author: Wallet, input: Amendment) {
  const { owner, category } = input;
  const key = await provenDelegatingKey(session, owner, category);
  if (!key.ok) return key;
  const sealed = await seal(session, author, input, key.value);
  if (!sealed.ok) return sealed;
  try {
    const storage = await store(session, input.record, sealed.value);
    if (!storage.ok) return storage;
    const { cid, ciphertext, envelopeHash } = sealed.value;
    const fields = {
      record: input.record,
      epoch: key.value.epoch,
      cid,
      ciphertextBytes: bytesOf(ciphertext),
      envelopeHash,
      storage: storage.value,
    };
    return ok({ fields, cid: contentIdText(cid) });
  } finally {
    if ('erase' in sealed.value) sealed.value.erase();
  }
}

const bytesOf = (ciphertext: Uint8Array | Upload): number =>
  ciphertext instanceof Uint8Array ? ciphertext.length : ciphertext.bytes;

function seal(
  { device, trust }: Session,
  author: Wallet,
  { record, version, category, plaintext }: Amendment,
  { epoch, publicKey }: DelegatingKey,
): Promise<Result<SealedRecord | SealedStream>> {
  const input = {
    name: { chainId: trust.chainId, recordId: record, version },
    keyId: { category, epoch },
    delegatingKey: publicKey,
    author: author.account.publicKey,
  };
  return plaintext instanceof Uint8Array
    ? sealForOwner(device, input, plaintext)
    : sealContentForOwner(device, input, plaintext);
}

/** The hospital must name the content and the envelope that were sent: the author signs and registers nothing else. */
async function store(
  session: Session,
  record: Uint8Array,
  { ciphertext, cid, envelope, salt, envelopeHash }: SealedRecord | SealedStream,
): Promise<Result<readonly DutyReceipt[]>> {
  const { api } = session;
  const parameters = await provenRow(session, parameterRows, 'parameters');
  if (!parameters.ok) return parameters;
  const uploaded = await api.putBlob(ciphertext);
  const text = contentIdText(cid);
  if (uploaded.cid !== text) return refuse('client-record.upload-altered', { record: toHex(record) });
  const stored = await api.storeRecord({
    record,
    cid: text,
    envelope,
    salt,
    receiptsWanted: parameters.value?.storageReceiptsMin ?? 1,
    ciphertextBytes: bytesOf(ciphertext),
  });
  if (!equal(stored.envelopeHash, envelopeHash) || stored.ciphertextBytes !== bytesOf(ciphertext))
    return refuse('client-record.upload-altered', { record: toHex(record) });
  return ok(stored.receipts);
}

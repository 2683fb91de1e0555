import type { Address } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { openEnvelope } from '../crypto/envelope.ts';
import { openRecord, type RecordName } from '../crypto/record.ts';
import type { ReadPath } from '../ledger/vocabulary.ts';
import { type AllowedRead, type ReadWish, requestRead } from './allowed-read.ts';
import { contentIdOf } from './content-id.ts';
import { ClientError } from './errors.ts';
import { collect } from './http.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { Sent, Session } from './session.ts';
import { openShares } from './shares.ts';
import { openStream } from './stream-record.ts';
import type { DelegatingKeys, Wallet } from './wallet.ts';

export interface OpenedRecord {
  /** The bytes that the author sealed. */
  readonly plaintext: Uint8Array;
  readonly owner: Address;
  readonly author: Address;
  readonly version: number;
  readonly category: Uint8Array;
  /** Which key opened it (PRIVACY.md, "Emergencies"). */
  readonly path: ReadPath;
  readonly sent: Sent;
}

/** Asks the chain, fetches, verifies and opens. A denial is a refusal with the receipt's code. */
export async function readRecord(session: Session, wallet: Wallet, wish: ReadWish): Promise<Result<OpenedRecord>> {
  const found = await openable(session, wallet, wish);
  if (!found.ok) return found;
  const { allowed, key, name, about } = found.value;
  const ciphertext = await fetchContent(session, allowed);
  if (!ciphertext.ok) return ciphertext;
  const opened = openRecord(session.device.primitives, { key, name }, ciphertext.value);
  key.fill(0);
  return opened.ok ? ok({ plaintext: opened.value, ...about }) : opened;
}

/** A record that went into a sink: what `readRecord` tells, but for its bytes. */
export interface StreamedRecord extends Omit<OpenedRecord, 'plaintext'> {
  readonly bytes: number;
}

/**
 * `readRecord` for records of any size: the plaintext goes into `sink` piece by piece (stream-record.ts). Until the sink is
 * closed, what it received is not the record: write to a temporary place.
 */
export async function readRecordInto(
  session: Session,
  wallet: Wallet,
  wish: ReadWish,
  sink: WritableStream<Uint8Array>,
): Promise<Result<StreamedRecord>> {
  const found = await openable(session, wallet, wish).catch(async (error: unknown) => {
    await sink.abort(error);
    throw error;
  });
  if (!found.ok) {
    await sink.abort(new ClientError('client-read.not-whole', found.rejection.code));
    return found;
  }
  const { allowed, key, name, about } = found.value;
  try {
    const keys = { key, name, cid: allowed.row.cid };
    const opened = await openStream(session.device.primitives, keys, ciphertextOf(session, allowed), sink);
    return opened.ok ? ok({ bytes: opened.value.bytes, ...about }) : opened;
  } finally {
    key.fill(0);
  }
}

/** An allowed read with what opens it. */
async function openable(session: Session, wallet: Wallet, wish: ReadWish) {
  const allowed = await requestRead(session, wish);
  if (!allowed.ok) return allowed;
  const { read, row, sent } = allowed.value;
  const name: RecordName = { chainId: session.trust.chainId, recordId: wish.record, version: read.version };
  const keys = read.path === 'self' ? wallet : read.path === 'guardian' ? wish.asGuardian : null;
  if (keys === undefined) return refuse('client-read.wrong-path');
  const key =
    keys === null
      ? await dataKeyFromShares(session, wallet, allowed.value)
      : dataKeyOfOwner(session, keys, allowed.value);
  if (!key.ok) return key;
  const { owner, author, category } = row;
  const about = { owner, author, version: read.version, category, path: read.path, sent };
  return ok({ allowed: allowed.value, key: key.value, name, about });
}

/** Paths `self` and `guardian`: the owner's delegating secret opens the envelope. */
export function dataKeyOfOwner(
  { device, trust }: Session,
  keys: DelegatingKeys,
  { row, envelope }: Pick<AllowedRead, 'row' | 'envelope'>,
): Result<Uint8Array> {
  const label = keys.labelOf(row.category);
  if (label === undefined) return refuse('client-read.wrong-path');
  const { secretKey } = keys.delegatingKey(label, row.epoch);
  return openEnvelope(device.primitives, { chainId: trust.chainId, delegatingSecret: secretKey }, envelope);
}

/** Path `grant`: shares of enough holders lead to it. */
async function dataKeyFromShares(session: Session, wallet: Wallet, allowed: AllowedRead): Promise<Result<Uint8Array>> {
  const opened = await openShares(session, wallet, allowed);
  return opened.ok ? opened.value.dataKey : opened;
}

/** The ciphertext, where its content id is the one on chain. */
async function fetchContent({ api }: Session, { sent, row }: AllowedRead): Promise<Result<Uint8Array>> {
  const bytesMax = Math.min(row.ciphertextBytes, CLIENT_LIMITS.ciphertextBytesMax);
  const ciphertext = await collect(await api.readCiphertext(sent.id), bytesMax);
  return equal(await contentIdOf(ciphertext), row.cid) ? ok(ciphertext) : refuse('client-read.content-mismatch');
}

/** The ciphertext as it comes. A hospital that sends more than the record has is cut off. */
async function* ciphertextOf({ api }: Session, { sent, row }: AllowedRead): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of await api.readCiphertext(sent.id)) {
    bytes += piece.length;
    if (bytes > row.ciphertextBytes) throw new ClientError('client-http.answer-too-large');
    yield piece;
  }
}

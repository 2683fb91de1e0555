import { equal } from '../base/bytes.ts';
import { addressOf, signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { storageReceiptBytes } from '../ledger/signed-words.ts';
import { type DelegatingKey, parameterRows, type RecordRow } from '../ledger/state/tables.ts';
import { requestRead } from './allowed-read.ts';
import type { StoreAnswer } from './api.ts';
import { provenDelegatingKey } from './categories.ts';
import { contentIdText } from './content-id.ts';
import { provenRow } from './proven.ts';
import { dataKeyOfOwner } from './read-record.ts';
import { type SealedRecord, wrap } from './seal.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

export interface Rewrapped {
  readonly sent: Sent;
  /** The epoch that the record is sealed to now. */
  readonly epoch: number;
}

type NewEnvelope = Omit<SealedRecord, 'ciphertext'>;

/**
 * The owner's newest version gets an envelope under the category's current key: whoever kept fragments of earlier epochs opens it no more,
 * and grants of earlier epochs cover it no more. The ciphertext stays where it is and is not fetched; the read that this takes is logged.
 */
export async function rewrapRecord(session: Session, wallet: Wallet, record: Uint8Array): Promise<Result<Rewrapped>> {
  const allowed = await requestRead(session, { record, purpose: 'PATRQT' });
  if (!allowed.ok) return allowed;
  const { row } = allowed.value;
  const key = await provenDelegatingKey(session, wallet.id, row.category);
  if (!key.ok) return key;
  if (key.value.epoch === row.epoch) return refuse('record.epoch-sealed', { epoch: row.epoch });
  const dataKey = dataKeyOfOwner(session, wallet, allowed.value);
  if (!dataKey.ok) return dataKey;
  const made = sealAnew(session, wallet, { record, row, key: key.value, dataKey: dataKey.value });
  dataKey.value.fill(0);
  if (!made.ok) return made;
  const { epoch } = key.value;
  const stored = await store(session, wallet, { record, row, epoch, envelope: made.value });
  if (!stored.ok) return stored;
  const { envelopeHash } = made.value;
  const sent = applied(await session.send('rewrap', { record, epoch, envelopeHash, storage: stored.value.receipts }));
  return sent.ok ? ok({ sent: sent.value, epoch }) : sent;
}

interface Opened {
  readonly record: Uint8Array;
  readonly row: RecordRow;
  readonly key: DelegatingKey;
  readonly dataKey: Uint8Array;
}

function sealAnew({ device, trust }: Session, wallet: Wallet, { record, row, key, dataKey }: Opened) {
  const input = {
    name: { chainId: trust.chainId, recordId: record, version: row.version },
    keyId: { category: row.category, epoch: key.epoch },
    delegatingKey: key.publicKey,
    author: wallet.account.publicKey,
  };
  return wrap(device, input, dataKey, row.cid);
}

interface Replacement {
  readonly record: Uint8Array;
  readonly row: RecordRow;
  readonly epoch: number;
  readonly envelope: NewEnvelope;
}

/** Hospitals keep an envelope in the place of another only where the owner signs that it is to be so. */
async function store(
  session: Session,
  wallet: Wallet,
  { record, row, epoch, envelope: { envelope, salt, envelopeHash } }: Replacement,
): Promise<Result<StoreAnswer>> {
  const { api, device, trust } = session;
  const parameters = await provenRow(session, parameterRows, 'parameters');
  if (!parameters.ok) return parameters;
  const { cid, ciphertextBytes, category } = row;
  const author = addressOf(device.primitives, wallet.account.publicKey);
  const words = { record, version: row.version, cid, ciphertextBytes, envelopeHash, author, category, epoch };
  const digest = signingDigest(device.primitives, 'envelope-replacement', storageReceiptBytes(trust.chainId, words));
  const stored = await api.storeRecord({
    record,
    cid: contentIdText(cid),
    envelope,
    salt,
    ownerSignature: device.primitives.sign(digest, wallet.account.secretKey),
    receiptsWanted: parameters.value?.storageReceiptsMin ?? 1,
    ciphertextBytes,
  });
  return equal(stored.envelopeHash, envelopeHash)
    ? ok(stored)
    : refuse('client-record.upload-altered', { ciphertextBytes });
}

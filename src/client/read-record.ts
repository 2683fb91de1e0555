import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { directDelegation } from '../crypto/direct-delegation.ts';
import { openEnvelope } from '../crypto/envelope.ts';
import { openRecord, type RecordName } from '../crypto/record.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { type GrantRow, grants } from '../ledger/state/tables.ts';
import { type AllowedRead, type ReadWish, requestRead } from './allowed-read.ts';
import { contentIdOf } from './content-id.ts';
import { collect } from './http.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { provenRow } from './proven.ts';
import type { Sent, Session } from './session.ts';
import type { Wallet } from './wallet.ts';

export interface OpenedRecord {
  /** The bytes that the author sealed. */
  readonly plaintext: Uint8Array;
  readonly owner: Address;
  readonly author: Address;
  readonly version: number;
  readonly category: Uint8Array;
  /** Which key opened it (PRIVACY.md, "Emergencies"). */
  readonly path: 'self' | 'grant';
  readonly sent: Sent;
}

/** Asks the chain, fetches, verifies and opens. A denial is a refusal with the receipt's code. */
export async function readRecord(session: Session, wallet: Wallet, wish: ReadWish): Promise<Result<OpenedRecord>> {
  const allowed = await requestRead(session, wish);
  if (!allowed.ok) return allowed;
  const { read, row, sent } = allowed.value;
  const name: RecordName = { chainId: session.trust.chainId, recordId: wish.record, version: read.version };
  const key =
    read.path === 'self'
      ? dataKeyOfOwner(session, wallet, allowed.value)
      : await dataKeyFromShares(session, wallet, allowed.value, name);
  if (!key.ok) return key;
  const ciphertext = await fetchContent(session, allowed.value);
  if (!ciphertext.ok) return ciphertext;
  const opened = openRecord(session.device.primitives, { key: key.value, name }, ciphertext.value);
  key.value.fill(0);
  if (!opened.ok) return opened;
  const { owner, author, category } = row;
  return ok({ plaintext: opened.value, owner, author, version: read.version, category, path: read.path, sent });
}

/** Path `self`: the owner's delegating secret opens the envelope. */
export function dataKeyOfOwner(
  { device, trust }: Session,
  wallet: Wallet,
  { row, envelope }: Pick<AllowedRead, 'row' | 'envelope'>,
): Result<Uint8Array> {
  const label = wallet.labelOf(row.category);
  if (label === undefined) return refuse('client-read.wrong-path');
  const { secretKey } = wallet.delegatingKey(label, row.epoch);
  return openEnvelope(device.primitives, { chainId: trust.chainId, delegatingSecret: secretKey }, envelope);
}

/** Path `grant`: shares of enough holders, sealed to the fresh key of this read, lead to what the patient sealed for this reader. */
async function dataKeyFromShares(
  session: Session,
  wallet: Wallet,
  allowed: AllowedRead,
  name: RecordName,
): Promise<Result<Uint8Array>> {
  const { sent, read, freshSecret } = allowed;
  const grant = await provenGrant(session, allowed);
  if (!grant.ok) return grant;
  const shares = await session.api.readShares(sent.id);
  return directDelegation(session.device.primitives).open({
    name,
    grantId: read.grantId,
    readId: sent.id,
    shares,
    threshold: grant.value.threshold,
    freshSecret,
    receivingSecret: wallet.receiving.secretKey,
  });
}

/** The grant that the read used. How many shares must agree is the patient's word, not a hospital's. */
async function provenGrant(session: Session, { read, row }: AllowedRead): Promise<Result<GrantRow>> {
  const grantKey = grantKeyOf({ type: 'person', id: toHex(read.reader) }, row.category);
  const grant = await provenRow(session, grants, toHex(read.owner), grantKey);
  if (!grant.ok) return grant;
  return grant.value !== undefined && equal(grant.value.grantId, read.grantId)
    ? ok(grant.value)
    : refuse('client-read.grant-gone');
}

/** The ciphertext, where its content id is the one on chain. */
async function fetchContent({ api }: Session, { sent, row }: AllowedRead): Promise<Result<Uint8Array>> {
  const bytesMax = Math.min(row.ciphertextBytes, CLIENT_LIMITS.ciphertextBytesMax);
  const ciphertext = await collect(await api.readCiphertext(sent.id), bytesMax);
  return equal(await contentIdOf(ciphertext), row.cid) ? ok(ciphertext) : refuse('client-read.content-mismatch');
}

import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { type DelegatingKey, delegatingKeys } from '../ledger/state/tables.ts';
import { provenRow } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** HL7 Confidentiality: all that the chain says of a category. */
export type Label = Payload<'publishDelegatingKey'>['label'];

export interface OpenedCategory {
  /** The opaque id on chain. What it means stays in the wallet. */
  readonly category: Uint8Array;
  readonly epoch: number;
  readonly sent: Sent;
}

/** Publishes the first delegating key of a category: from now on authors can seal records to it. */
export const openCategory = (session: Session, wallet: Wallet, label: string, confidentiality: Label = 'N') =>
  publish(session, wallet, { label, confidentiality, epoch: 0 });

/** Ends the current epoch: later records are sealed to a new key, which no former reader's fragments reach (F30). */
export async function nextEpoch(session: Session, wallet: Wallet, label: string): Promise<Result<OpenedCategory>> {
  const current = await provenDelegatingKey(session, wallet.id, wallet.categoryOf(label));
  if (!current.ok) return current;
  return publish(session, wallet, { label, confidentiality: current.value.label, epoch: current.value.epoch + 1 });
}

/**
 * A patient's current delegating key, believed only under a certificate: whoever could slip an author another key would read
 * what the author seals (PRIVACY.md, "Keys").
 */
export async function provenDelegatingKey(
  session: Session,
  patient: Address,
  category: Uint8Array,
): Promise<Result<DelegatingKey>> {
  const row = await provenRow(session, delegatingKeys, toHex(patient), toHex(category));
  if (!row.ok) return row;
  return row.value === undefined ? refuse('client-record.unknown-category') : ok(row.value);
}

async function publish(
  session: Session,
  wallet: Wallet,
  { label, confidentiality, epoch }: { label: string; confidentiality: Label; epoch: number },
): Promise<Result<OpenedCategory>> {
  const category = wallet.categoryOf(label);
  const { publicKey } = wallet.delegatingKey(label, epoch);
  const payload = { category, epoch, publicKey, label: confidentiality };
  const sent = applied(await session.send('publishDelegatingKey', payload));
  return sent.ok ? ok({ category, epoch, sent: sent.value }) : sent;
}

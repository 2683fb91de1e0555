import { ok, type Result, refuse } from '../base/result.ts';
import { LABELS } from '../ledger/vocabulary.ts';
import { type Label, openCategory, provenDelegatingKey } from './categories.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** A category of the own that records can be sealed to: opened where it is not yet. One with a lesser label than the records need is refused. */
export async function ensureCategory(
  session: Session,
  wallet: Wallet,
  name: string,
  label: Label = 'N',
): Promise<Result<Uint8Array>> {
  const category = wallet.categoryOf(name);
  const key = await provenDelegatingKey(session, wallet.id, category);
  if (key.ok)
    return LABELS.indexOf(key.value.label) >= LABELS.indexOf(label)
      ? ok(category)
      : refuse('client-record.label-too-low', { label: key.value.label, needed: label });
  if (key.rejection.code !== 'client-record.unknown-category') return key;
  const opened = await openCategory(session, wallet, name, label);
  return opened.ok ? ok(category) : opened;
}

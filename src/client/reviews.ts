import type { Address, Hash, SecretKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { type Result, refuse } from '../base/result.ts';
import { openReason } from '../crypto/break-glass-reason.ts';
import { readAct } from '../ledger/families/index.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { decodeTransaction } from '../ledger/transaction.ts';
import type { Finding } from '../ledger/vocabulary.ts';
import type { ReviewAnswer } from './api.ts';
import { applied, type Sent, type Session } from './session.ts';

/** Who opens a reason: a patient by the receiving key, a reviewing hospital by its duty key. */
export interface ReasonKey {
  readonly id: Address;
  readonly secretKey: SecretKey;
}

/** Why the glass was broken, in the words that stand in the very transaction that broke it: whose API told it matters not. */
export async function reasonOf(
  { api, device, trust }: Session,
  read: Hash,
  key: ReasonKey,
): Promise<Result<{ readonly review: ReviewAnswer; readonly reason: string }>> {
  const review = await api.review(read);
  if (review === undefined) return refuse('client-review.unknown');
  const signed = decodeTransaction(device.primitives, trust.chainId, review.transaction);
  if (!signed.ok) return signed;
  if (!equal(signed.value.id, read)) return refuse('client-review.other-transaction');
  const act = readAct(signed.value.transaction);
  if (!act.ok) return act;
  const { record, reason } = act.value.payload as Payload<'readRecord'>;
  if (act.value.name !== 'readRecord' || reason === undefined) return refuse('client-review.other-transaction');
  const { owner, reader } = review.row;
  const opened = openReason(device.primitives, { chainId: trust.chainId, record, owner, reader }, key, reason);
  return opened.ok ? { ok: true, value: { review, reason: opened.value } } : opened;
}

/** `session`: the account of a hospital that is neither the desk's nor the reader's. */
export const closeReview = async (session: Session, read: Hash, finding: Finding): Promise<Result<Sent>> =>
  applied(await session.send('closeReview', { read, finding }));

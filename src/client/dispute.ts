import type { Address } from '../base/brand.ts';
import { type Result, refuse } from '../base/result.ts';
import type { HolderShare } from '../crypto/combine-shares.ts';
import { CAPSULE_BYTES } from '../crypto/envelope.ts';
import type { AllowedRead } from './allowed-read.ts';
import { isCommitted } from './review-shares.ts';
import { applied, type Sent, type Session } from './session.ts';

/**
 * The reader shows the chain that a committed share is wrong (PRIVACY.md, "A record", 5). The proof gives away the fresh key of this one read and the
 * record's capsule: what they open still wants the reader's receiving secret. So it is made only for the very share that the holder has committed: any
 * hospital may have altered another on its way, and the chain would refuse the claim and keep what it gives away. Refused with
 * `client-dispute.not-committed` before anything is sent, and by the chain with `dispute.share-right` where the share is right.
 */
export async function disputeWrongShare(
  session: Session,
  allowed: AllowedRead,
  { holder, share, fragmentIds }: HolderShare,
): Promise<Result<Sent>> {
  const { sent, envelopeBytes, salt, freshSecret } = allowed;
  const committed = await isCommitted(session, allowed, { holder, share });
  if (!committed.ok) return committed;
  if (!committed.value) return refuse('client-dispute.not-committed');
  const claim = {
    kind: 'wrong',
    share,
    freshSecret,
    capsule: envelopeBytes.slice(0, CAPSULE_BYTES),
    envelopeRest: session.device.primitives.hash(envelopeBytes.slice(CAPSULE_BYTES)),
    salt,
    fragmentIds,
  } as const;
  return applied(await session.send('dispute', { read: sent.id, holder, claim }));
}

/** The reader says that a committed share never came. Its holder then publishes it on chain, still sealed, or is rated 0. */
export async function disputeUndelivered(
  session: Session,
  { sent }: AllowedRead,
  holder: Address,
): Promise<Result<Sent>> {
  return applied(await session.send('dispute', { read: sent.id, holder, claim: { kind: 'undelivered' } }));
}

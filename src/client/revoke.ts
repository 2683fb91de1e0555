import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Grantee } from '../ledger/families/payloads.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { grants } from '../ledger/state/tables.ts';
import type { GrantAnswer } from './api.ts';
import { nextEpoch } from './categories.ts';
import { provenRow } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

export interface Revoked {
  readonly sent: Sent;
  /** The category's new epoch; null where it was left running. */
  readonly epoch: number | null;
  /** Grants of the category that still stand and name only earlier epochs: the device re-issues them. */
  readonly remaining: readonly GrantAnswer[];
}

export interface RevokeWish {
  readonly grantee: Grantee;
  readonly label: string;
  /** Whether to end the epoch too, so that later records use a new key (PRIVACY.md, "A record", 7). */
  readonly endEpoch: boolean;
}

/** The next read is denied from this block on, as the chain proves: a hospital's word for it is not enough. What was read cannot be unread. */
export async function revokeAccess(session: Session, wallet: Wallet, wish: RevokeWish): Promise<Result<Revoked>> {
  const { grantee, label, endEpoch } = wish;
  const category = wallet.categoryOf(label);
  const sent = applied(await session.send('revoke', { grantee, category }));
  if (!sent.ok) return sent;
  const gone = await provenGone(session, wallet, grantKeyOf(grantee, category));
  if (!gone.ok) return gone;
  if (!endEpoch) return ok({ sent: sent.value, epoch: null, remaining: [] });

  const next = await nextEpoch(session, wallet, label);
  if (!next.ok) return next;
  const revokedKey = grantKeyOf(grantee, category);
  const standing = await session.api.grants(wallet.id);
  const remaining = standing.filter(
    (one) => equal(one.category, category) && grantKeyOf(one.grantee, category) !== revokedKey,
  );
  return ok({ sent: sent.value, epoch: next.value.epoch, remaining });
}

async function provenGone(session: Session, wallet: Wallet, grantKey: string): Promise<Result<null>> {
  const row = await provenRow(session, grants, toHex(wallet.id), grantKey);
  if (!row.ok) return row;
  return row.value === undefined ? ok(null) : refuse('client-grant.still-stands');
}

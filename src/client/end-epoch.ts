import { equal, toHex } from '../base/bytes.ts';
import { ok, type Rejection, type Result } from '../base/result.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { grants } from '../ledger/state/tables.ts';
import type { GrantAnswer } from './api.ts';
import { nextEpoch } from './categories.ts';
import { provenRow } from './proven.ts';
import { grantAgain } from './reissue.ts';
import { rewrapRecord } from './rewrap.ts';
import { refusedAtDoor, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** A grant that does not cover the new epoch yet, and why: its grantee waits, and can be told so. */
export interface Waiting {
  readonly grant: GrantAnswer;
  readonly why: Rejection;
}

export interface EndedEpoch {
  /** The category's new one. */
  readonly epoch: number;
  /** Grants that were made again and cover it. */
  readonly reissued: readonly GrantAnswer[];
  readonly waiting: readonly Waiting[];
  /** Records whose newest version is sealed to it now. */
  readonly rewrapped: readonly Uint8Array[];
  /** Records that are still sealed to an earlier one: whoever has its fragments may open them. */
  readonly left: readonly { readonly record: Uint8Array; readonly why: Rejection }[];
}

/**
 * After a revocation (PRIVACY.md, "A record", 7): ends the epoch of a category, makes the remaining grants again, then seals the old records to the new
 * key. In this order, so that who may read goes on reading. What fails for one grant or record is told, and holds up no other; called
 * again, it begins yet another epoch.
 */
export async function endEpoch(session: Session, wallet: Wallet, label: string): Promise<Result<EndedEpoch>> {
  const next = await nextEpoch(session, wallet, label);
  if (!next.ok) return next;
  const { category, epoch } = next.value;
  const reissues = await reissue(session, wallet, category);
  const records = await rewrapAll(session, wallet, { category, epoch });
  return ok({ epoch, ...reissues, ...records });
}

/** Grants to write name no epoch; those that have ended or are used up are not given new life. */
async function reissue(session: Session, wallet: Wallet, category: Uint8Array) {
  const nowMs = session.device.nowMs();
  const standing = (await session.api.grants(wallet.id)).filter(
    ({ category: of, row }) =>
      equal(of, category) && row.access !== 'write' && row.expires > nowMs && row.usesLeft !== 0,
  );
  const reissued: GrantAnswer[] = [];
  const waiting: Waiting[] = [];
  for (const grant of standing) {
    // What a hospital lists is where to look: signed again is only what the chain proves.
    const row = await provenRow(session, grants, toHex(wallet.id), grantKeyOf(grant.grantee, category));
    if (!row.ok) {
      waiting.push({ grant, why: row.rejection });
      continue;
    }
    if (row.value === undefined || row.value.access === 'write' || row.value.usesLeft === 0) continue;
    const again = await told(grantAgain(session, wallet, { ...grant, row: row.value }));
    if (again.ok) reissued.push(grant);
    else waiting.push({ grant, why: again.rejection });
  }
  return { reissued, waiting };
}

async function rewrapAll(
  session: Session,
  wallet: Wallet,
  { category, epoch }: { readonly category: Uint8Array; readonly epoch: number },
) {
  const old = (await session.api.records(wallet.id)).filter(
    ({ row }) => row.status === 'live' && equal(row.category, category) && row.epoch < epoch,
  );
  const rewrapped: Uint8Array[] = [];
  const left: { record: Uint8Array; why: Rejection }[] = [];
  for (const { record } of old) {
    const done = await told(rewrapRecord(session, wallet, record));
    if (done.ok) rewrapped.push(record);
    else left.push({ record, why: done.rejection });
  }
  return { rewrapped, left };
}

/** A hospital that refuses one transaction or envelope may take the next. */
async function told<T>(work: Promise<Result<T>>): Promise<Result<T>> {
  const answer = await refusedAtDoor(work);
  return answer.ok ? answer.value : answer;
}

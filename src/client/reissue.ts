import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { delegatingKeys, type GrantRow, grants, hospitals } from '../ledger/state/tables.ts';
import type { GrantAnswer } from './api.ts';
import { type Granted, grantAccess } from './grant.ts';
import { provenRow, provenRows } from './proven.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/*
 * A grant names its holders when it is made. Hospitals are suspended and removed afterwards, and epochs end: then the grant still stands on the
 * chain, and its reader waits. Only the patient's device can make it again; it is told here which, and why (PRIVACY.md, "A record", 4 and 7).
 */

/** `below-threshold`: too few holders are left to open anything. `below-minimum`: too few for a read to be evaluated. `epoch-ended`: newer records are not covered. */
export type ReissueReason = 'below-threshold' | 'below-minimum' | 'epoch-ended';

/** How a standing grant to read stands, by what the chain proves. */
export interface GrantStanding {
  readonly grant: GrantAnswer;
  /** Empty where nothing is to be done. */
  readonly reasons: readonly ReissueReason[];
  /** Holders that are active hospitals now, out of `grant.row.holders`. */
  readonly living: number;
  /** The category's current epoch. */
  readonly epoch: number;
}

/**
 * The patient's own grants that bring shares and cover something still. What a hospital lists is where to look; each is what the chain proves.
 * A hospital can leave one out, and invent or alter none.
 */
export async function grantStandings(session: Session, wallet: Wallet): Promise<Result<readonly GrantStanding[]>> {
  const standings: GrantStanding[] = [];
  for (const { grantee, category } of await session.api.grants(wallet.id)) {
    const standing = await standingOf(session, wallet.id, { grantee, category });
    if (!standing.ok) return standing;
    if (standing.value !== undefined) standings.push(standing.value);
  }
  return ok(standings);
}

/** Those that the device makes again. */
export async function grantsToReissue(session: Session, wallet: Wallet): Promise<Result<readonly GrantStanding[]>> {
  const standings = await grantStandings(session, wallet);
  return standings.ok ? ok(standings.value.filter(({ reasons }) => reasons.length > 0)) : standings;
}

/** How a patient's grant to this account stands: what a reader who waits is told. `undefined`: no grant covers anything. */
export const ownStanding = (
  session: Session,
  patient: Address,
  category: Uint8Array,
): Promise<Result<GrantStanding | undefined>> =>
  standingOf(session, patient, { grantee: { type: 'person', id: toHex(session.account.id) }, category });

async function standingOf(
  session: Session,
  patient: Address,
  { grantee, category }: Pick<GrantAnswer, 'grantee' | 'category'>,
): Promise<Result<GrantStanding | undefined>> {
  const row = await provenRow(session, grants, toHex(patient), grantKeyOf(grantee, category));
  if (!row.ok) return row;
  if (row.value === undefined || !bringsShares(row.value, session.device.nowMs())) return ok(undefined);
  const current = await provenRow(session, delegatingKeys, toHex(patient), toHex(category));
  if (!current.ok) return current;
  const held = await provenRows(
    session,
    hospitals,
    row.value.holders.map(({ hospital }) => [toHex(hospital)] as const),
  );
  if (!held.ok) return held;
  const living = held.value.filter((hospital) => hospital?.status === 'active').length;
  const epoch = current.value?.epoch ?? row.value.epochTo;
  return ok({
    grant: { grantee, category, row: row.value },
    reasons: reasonsOf(row.value, living, epoch),
    living,
    epoch,
  });
}

/** One that is over, used up, or opens nothing is not given new life. */
const bringsShares = ({ holders, expires, usesLeft }: GrantRow, nowMs: number): boolean =>
  holders.length > 0 && expires > nowMs && usesLeft !== 0;

function reasonsOf({ threshold, oraclesMin, epochTo }: GrantRow, living: number, epoch: number): ReissueReason[] {
  const reasons: ReissueReason[] = [];
  if (living < threshold) reasons.push('below-threshold');
  else if (living < oraclesMin) reasons.push('below-minimum');
  if (epochTo < epoch) reasons.push('epoch-ended');
  return reasons;
}

/** Makes a grant again as the chain proves it now: what was looked at a while ago may be used up or revoked since. */
export async function reissueGrant(
  session: Session,
  wallet: Wallet,
  named: Pick<GrantAnswer, 'grantee' | 'category'>,
): Promise<Result<Granted>> {
  const standing = await standingOf(session, wallet.id, named);
  if (!standing.ok) return standing;
  return standing.value === undefined ? refuse('client-grant.over') : grantAgain(session, wallet, standing.value.grant);
}

/** The same terms, what is left of its uses, new fragments at the hospitals that are active now, up to the current epoch. */
export async function grantAgain(
  session: Session,
  wallet: Wallet,
  { grantee, category, row }: GrantAnswer,
): Promise<Result<Granted>> {
  const label = wallet.labelOf(category);
  if (label === undefined) return refuse('client-record.unknown-category');
  const { purposes, access, expires, usesLeft: uses, epochFrom } = row;
  return grantAccess(session, wallet, { grantee, labels: [label], purposes, access, expires, uses, epochFrom });
}

/** For people: what is the matter with the grant, and what to do. */
export function reissueSentences({ grant, reasons, living, epoch }: GrantStanding, reader: boolean): readonly string[] {
  const { row } = grant;
  const { type, id } = grant.grantee;
  const whose = reader
    ? 'Your grant'
    : `The grant to ${type === 'desk' ? 'the emergency desk of ' : ''}${id.slice(0, 12)}`;
  const todo = reader ? 'You wait until the patient grants again.' : 'Grant it again.';
  const left = `${living} of the ${row.holders.length} hospitals that hold it are left`;
  const words: Readonly<Record<ReissueReason, string>> = {
    'below-threshold': `${whose} opens nothing any more: ${left}, and ${row.threshold} must answer. ${todo}`,
    'below-minimum': `${whose} opens records, but its reads close as failed: ${left}, and ${row.oraclesMin} must answer. ${todo}`,
    'epoch-ended': `${whose} ends with epoch ${row.epochTo} of its category, which is in epoch ${epoch}: what is sealed since is not covered. ${todo}`,
  };
  return reasons.map((reason) => words[reason]);
}

import type { Hash, TimestampMs } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import type { LedgerEvent } from '../../receipt.ts';
import { actingGuardians, type Guardianship, guardianPlans, guardianships } from '../../state/guardian-tables.ts';
import type { StateWriter } from '../../state/table.ts';
import { event } from '../kind.ts';
import { endGuardianship } from './ending.ts';

/**
 * Writes a request with one approval more. With enough of them it matures after the time that the owner set; who then acts for the
 * owner takes the place of who did before.
 */
export function writeApproved(
  state: StateWriter,
  { request, nowMs }: { readonly request: Hash; readonly nowMs: TimestampMs },
  row: Guardianship,
): readonly LedgerEvent[] {
  const owner = toHex(row.owner);
  const part = guardianPlans.get(state, owner)?.parts.find(({ purpose }) => purpose === row.purpose);
  if (part === undefined || row.approvals.length < row.threshold) {
    guardianships.set(state, row, toHex(request));
    return told('GuardianshipApproved', request, row);
  }
  const maturesMs = (nowMs + part.maturingMs) as TimestampMs;
  guardianships.set(state, { ...row, status: 'approved', maturesMs }, toHex(request));
  if (row.purpose !== 'recovery') {
    const before = actingGuardians.get(state, owner);
    const replaced = before === undefined ? undefined : guardianships.get(state, toHex(before.request));
    if (before !== undefined && replaced !== undefined) endGuardianship(state, before.request, replaced, 'ended');
    actingGuardians.set(state, { request, guardian: row.requester, maturesMs }, owner);
  }
  return told('GuardianshipMatures', request, row);
}

/** To the owner first, who may object, and to all on the list. */
export const told = (name: string, request: Hash, { owner, members }: Guardianship): readonly LedgerEvent[] =>
  [owner, ...members.filter((member) => !equal(member, owner))].map((to) => event(name, to, request));

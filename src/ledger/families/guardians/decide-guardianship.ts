import { equal, toHex } from '../../../base/bytes.ts';
import { ok, refuse } from '../../../base/result.ts';
import { guardianshipUid } from '../../principal.ts';
import { guardianships } from '../../state/guardian-tables.ts';
import type { StateReader } from '../../state/table.ts';
import { type Ask, type Kind, NO_CONCERN, NO_SIGNATURES } from '../kind.ts';
import { told, writeApproved } from './approving.ts';
import { endGuardianship } from './ending.ts';

type About = { readonly request: Uint8Array };
const aboutRequest = (_setting: unknown, _state: unknown, { request }: About): readonly Ask[] => [
  { resource: guardianshipUid(request), context: {} },
];
const concernsOwner = (_setting: unknown, state: StateReader, { request }: About) => ({
  ...NO_CONCERN,
  owner: guardianships.get(state, toHex(request))?.owner ?? null,
});

/** T-82. One of the list says yes: with m of them the approval begins to mature. */
export const approveGuardianship: Kind<'approveGuardianship'> = {
  signatures: NO_SIGNATURES,
  asks: aboutRequest,
  concern: concernsOwner,
  apply: (setting, state, { request }) => {
    const { sender, timestampMs, parameters } = setting;
    const row = guardianships.get(state, toHex(request));
    if (row === undefined) return refuse('guardianship.unknown');
    if (row.status !== 'open') return refuse('guardianship.closed', { status: row.status });
    // A word given long ago for another need must not complete one of today.
    if (timestampMs > row.requestedMs + parameters.guardianMaturingMaxMs) return refuse('guardianship.lapsed');
    if (!row.members.some((member) => equal(member, sender))) return refuse('guardianship.not-listed');
    if (row.approvals.some((before) => equal(before, sender))) return refuse('guardianship.approved');
    const approvals = [...row.approvals, sender];
    return ok(writeApproved(state, { request, nowMs: timestampMs }, { ...row, approvals }));
  },
};

/** T-84. The owner's word ends it: before it matures nothing was released, afterwards nothing more is. */
export const vetoGuardianship: Kind<'vetoGuardianship'> = {
  signatures: NO_SIGNATURES,
  asks: aboutRequest,
  concern: concernsOwner,
  apply: (_setting, state, { request }) => {
    const row = guardianships.get(state, toHex(request));
    if (row === undefined) return refuse('guardianship.unknown');
    if (row.status !== 'open' && row.status !== 'approved')
      return refuse('guardianship.closed', { status: row.status });
    endGuardianship(state, request, row, 'vetoed');
    return ok(told('GuardianshipVetoed', request, row));
  },
};

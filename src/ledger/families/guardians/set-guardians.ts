import { toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { LedgerCode } from '../../codes.ts';
import type { Parameters } from '../../parameters.ts';
import { strangerUid, uidOf } from '../../principal.ts';
import { guardianPlans } from '../../state/guardian-tables.ts';
import { event, type Kind, NO_CONCERN, NO_SIGNATURES } from '../kind.ts';
import type { Payload } from '../payloads.ts';
import { endGuardianship, standingGuardianships } from './ending.ts';

/** T-80. Whoever sets guardians anew is there, and has the key: nobody acts any more, and what was asked for is void. */
export const setGuardians: Kind<'setGuardians'> = {
  signatures: NO_SIGNATURES,
  asks: (setting, state) => [{ resource: uidOf(state, setting.sender) ?? strangerUid(setting.sender), context: {} }],
  concern: (setting) => ({ ...NO_CONCERN, owner: setting.sender }),
  apply: (setting, state, { parts }) => {
    const { sender, parameters } = setting;
    const checked = checkParts(parameters, parts);
    if (!checked.ok) return checked;
    const owner = toHex(sender);
    for (const { request, row } of standingGuardianships(state, sender)) endGuardianship(state, request, row, 'ended');
    const version = (guardianPlans.get(state, owner)?.version ?? 0) + 1;
    guardianPlans.set(state, { version, parts, requests: [] }, owner);
    return ok([event('GuardiansSet', sender, sender)]);
  },
};

function checkParts(
  { guardianMaturingMinMs, guardianMaturingMaxMs }: Parameters,
  parts: Payload<'setGuardians'>['parts'],
): Result<null, LedgerCode> {
  if (new Set(parts.map(({ purpose }) => purpose)).size < parts.length) return refuse('guardianship.purpose-twice');
  const isBounded = parts.every(
    ({ maturingMs }) => maturingMs >= guardianMaturingMinMs && maturingMs <= guardianMaturingMaxMs,
  );
  return isBounded
    ? ok(null)
    : refuse('guardianship.maturing', { leastMs: guardianMaturingMinMs, mostMs: guardianMaturingMaxMs });
}

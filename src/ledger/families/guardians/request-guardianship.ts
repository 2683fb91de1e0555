import type { Hash } from '../../../base/brand.ts';
import { compareBytes, equal, toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import { listCommitment } from '../../../crypto/guardians.ts';
import type { LedgerCode } from '../../codes.ts';
import { strangerUid, uidOf } from '../../principal.ts';
import { type Guardianship, guardianPlans, guardianships } from '../../state/guardian-tables.ts';
import type { StateReader } from '../../state/table.ts';
import { type ApplySetting, type Kind, NO_CONCERN, NO_SIGNATURES } from '../kind.ts';
import type { Payload } from '../payloads.ts';
import { told, writeApproved } from './approving.ts';
import { endGuardianship, standingGuardianships } from './ending.ts';

type Wish = Payload<'requestGuardianship'>;

/** T-81. Asking is the requester's own approval. Whether the sender is on the list that was opened is for policies to know. */
export const requestGuardianship: Kind<'requestGuardianship'> = {
  signatures: NO_SIGNATURES,
  asks: (setting, state, { owner, purpose, members }) => [
    {
      resource: uidOf(state, owner) ?? strangerUid(owner),
      context: { purpose, listed: members.some((member) => equal(member, setting.sender)) },
    },
  ],
  concern: (_setting, _state, { owner }) => ({ ...NO_CONCERN, owner }),
  apply: (setting, state, wish) => {
    const kit = checkWish(setting, state, wish);
    if (!kit.ok) return kit;
    const { owner, purpose, key, threshold, members } = wish;
    const { sender, timestampMs, transactionId } = setting;
    for (const { request, row } of standingGuardianships(state, owner))
      if (row.purpose === purpose && equal(row.requester, sender)) endGuardianship(state, request, row, 'ended');
    const plan = guardianPlans.get(state, toHex(owner));
    if (plan === undefined) return refuse('guardianship.none');
    guardianPlans.set(state, { ...plan, requests: [...plan.requests, transactionId] }, toHex(owner));
    const row: Guardianship = {
      owner,
      purpose,
      requester: sender,
      key,
      kit: kit.value,
      threshold,
      members,
      approvals: [sender],
      requestedMs: timestampMs,
      maturesMs: null,
      status: 'open',
    };
    guardianships.set(state, row, toHex(transactionId));
    const approved = writeApproved(state, { request: transactionId, nowMs: timestampMs }, row);
    return ok(threshold > 1 ? told('GuardianshipRequested', transactionId, row) : approved);
  },
};

/** The list is the one that the owner committed to. Gives the kit that stands beside it. */
function checkWish(setting: ApplySetting, state: StateReader, wish: Wish): Result<Hash, LedgerCode> {
  const { owner, purpose, key, threshold, members, salt } = wish;
  const part = guardianPlans.get(state, toHex(owner))?.parts.find((one) => one.purpose === purpose);
  if (part === undefined) return refuse('guardianship.none');
  const sorted = [...members].sort(compareBytes);
  const isList =
    threshold >= 1 &&
    threshold <= members.length &&
    !sorted.some((member, i) => i > 0 && equal(member, sorted[i - 1] ?? member));
  if (!isList || !equal(listCommitment(setting.primitives, salt, { threshold, members }), part.list))
    return refuse('guardianship.other-list');
  // Nobody else's word counts towards m, whatever policies say.
  if (!members.some((member) => equal(member, setting.sender))) return refuse('guardianship.not-listed');
  return setting.primitives.addPoints([key]) === undefined ? refuse('guardianship.key') : ok(part.kit as Hash);
}

import type { Address } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { actingGuardians, type Guardianship, guardianPlans, guardianships } from '../../state/guardian-tables.ts';
import type { StateWriter } from '../../state/table.ts';

/** A request that stands comes to nothing any more, and with it whoever acts by it. */
export function endGuardianship(
  state: StateWriter,
  request: Uint8Array,
  row: Guardianship,
  status: 'vetoed' | 'ended',
): void {
  const owner = toHex(row.owner);
  guardianships.set(state, { ...row, status }, toHex(request));
  const plan = guardianPlans.get(state, owner);
  if (plan !== undefined) {
    const requests = plan.requests.filter((other) => !equal(other, request));
    guardianPlans.set(state, { ...plan, requests }, owner);
  }
  const acting = actingGuardians.get(state, owner);
  if (acting !== undefined && equal(acting.request, request)) actingGuardians.delete(state, owner);
}

/** Those that stand under the owner's plan, at most `OPEN_GUARDIANSHIPS_MAX`. */
export function standingGuardianships(
  state: StateWriter,
  owner: Address,
): readonly { readonly request: Uint8Array; readonly row: Guardianship }[] {
  const requests = guardianPlans.get(state, toHex(owner))?.requests ?? [];
  return requests.flatMap((request) => {
    const row = guardianships.get(state, toHex(request));
    return row === undefined ? [] : [{ request, row }];
  });
}

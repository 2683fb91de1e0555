import type { Address } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import { addressOf } from '../../../base/digest.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import * as shape from '../../../base/shape.ts';
import type { LedgerCode } from '../../codes.ts';
import { hospitalUid } from '../../principal.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { type Hospital, hospitals, keyBindings, schedules, validatorSets } from '../../state/tables.ts';
import { type HospitalStatus, tierShape } from '../../vocabulary.ts';
import type { ApplySetting } from '../kind.ts';
import { change } from './change.ts';
import { retireKey } from './hospital-keys.ts';
import { hasActiveQuorum } from './hospital-rows.ts';
import { memberOf } from './validator-plans.ts';

/** active ⇄ suspended → removed, and nothing leads back from there. Pending becomes active by `admitHospital` alone. */
const STEPS: { readonly [From in HospitalStatus]: readonly HospitalStatus[] } = {
  pending: [],
  active: ['suspended', 'removed'],
  suspended: ['active', 'removed'],
  removed: [],
};

export const setHospitalStatus = change<{ readonly hospital: Address; readonly status: HospitalStatus }>({
  shape: shape.struct({ hospital: shape.address, status: shape.oneOf('active', 'suspended', 'removed') }),
  context: ({ hospital, status }) => ({ hospital: hospitalUid(hospital), status }),
  enact: (setting, state, { hospital, status }) => {
    const row = hospitals.get(state, toHex(hospital));
    if (row === undefined) return refuse('hospital.unknown');
    if (!STEPS[row.status].includes(status)) return refuse('hospital.wrong-status', { status: row.status });
    const sets = decidingSets(state);
    if (status === 'removed' && sets.some((set) => memberOf(set, hospital) !== undefined))
      return refuse('governance.still-validator');
    hospitals.set(state, { ...row, status }, toHex(hospital));
    if (status === 'removed') retireKeys(setting, state, hospital, row);
    return sets.every((set) => hasActiveQuorum(state, set)) ? ok(null) : refuse('hospital.quorum');
  },
});

/** The present set, and the one to come where a change is scheduled. */
function decidingSets(state: StateReader) {
  const scheduled = schedules.get(state, 'schedule')?.validators;
  return [validatorSets.get(state, 'validators') ?? [], ...(scheduled === undefined ? [] : [scheduled])];
}

function retireKeys({ primitives }: ApplySetting, state: StateWriter, id: Address, { record }: Hospital): void {
  keyBindings.set(state, { id, retired: true }, toHex(addressOf(primitives, record.accountKey)));
  retireKey(primitives, state, record.dutyKey, id, 'duty');
}

export const setHospitalTier = change<{ readonly hospital: Address; readonly tier: Hospital['record']['tier'] }>({
  shape: shape.struct({ hospital: shape.address, tier: tierShape }),
  context: ({ hospital, tier }) => ({ hospital: hospitalUid(hospital), tier }),
  enact: (_setting, state, { hospital, tier }): Result<null, LedgerCode> => {
    const row = hospitals.get(state, toHex(hospital));
    if (row === undefined) return refuse('hospital.unknown');
    hospitals.set(state, { ...row, record: { ...row.record, tier } }, toHex(hospital));
    return ok(null);
  },
});

import type { Address } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { addressOf } from '../../../base/digest.ts';
import type { Primitives } from '../../../base/primitives.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { LedgerCode } from '../../codes.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { HOSPITALS_MAX, hospitalIds, hospitals, PENDING_HOSPITALS_MAX, pendingHospitals } from '../../state/tables.ts';
import type { ApplySetting } from '../kind.ts';
import { candidateShape, type HospitalRecord } from '../payloads.ts';
import { change } from './change.ts';
import { isKeyFree, releaseKey } from './hospital-keys.ts';
import { activateHospital, writeHospital } from './hospital-rows.ts';

/**
 * Proposed, a hospital is *pending*: its record stands in the state for all to examine, and its keys are taken. Voted in, it is active.
 * Voted down, or not decided in time, it leaves no trace (F4).
 */
export const admitHospital = change<HospitalRecord>({
  shape: candidateShape,
  context: ({ tier }) => ({ tier }),
  propose: ({ primitives, height }, state, record, lastHeight) => {
    const checked = checkNew(primitives, state, record);
    if (!checked.ok) return checked;
    const pending = pendingHospitals.get(state, 'pending') ?? [];
    if (pending.length >= PENDING_HOSPITALS_MAX || (hospitalIds.get(state, 'all') ?? []).length >= HOSPITALS_MAX)
      return refuse('hospital.too-many');
    const hospital = addressOf(primitives, record.accountKey);
    writeHospital(primitives, state, hospital, { record, status: 'pending', admittedHeight: height });
    setPending(state, [...pending, { hospital, lastHeight: lastHeight as typeof height }]);
    return ok(null);
  },
  enact: ({ primitives, height }, state, record) => {
    const id = addressOf(primitives, record.accountKey);
    activateHospital(state, id, record, height);
    setPending(state, withoutPending(state, id));
    return ok(null);
  },
  reject: ({ primitives }, state, record) => dropPending(primitives, state, addressOf(primitives, record.accountKey)),
});

function checkNew(primitives: Primitives, state: StateReader, record: HospitalRecord): Result<null, LedgerCode> {
  const { accountKey, dutyKey, peerId } = record;
  if (hospitals.get(state, toHex(addressOf(primitives, accountKey))) !== undefined) return refuse('hospital.exists');
  const free = !equal(accountKey, dutyKey) && [accountKey, dutyKey].every((key) => isKeyFree(primitives, state, key));
  if (!free) return refuse('governance.key-in-use');
  const peers = (hospitalIds.get(state, 'all') ?? []).map((id) => hospitals.get(state, toHex(id))?.record.peerId);
  return peers.includes(peerId) ? refuse('governance.key-in-use', { key: 'peerId' }) : ok(null);
}

type Pending = NonNullable<ReturnType<typeof pendingHospitals.get>>;

const setPending = (state: StateWriter, pending: Pending): void =>
  pending.length === 0 ? pendingHospitals.delete(state, 'pending') : pendingHospitals.set(state, pending, 'pending');

const withoutPending = (state: StateReader, id: Address): Pending =>
  (pendingHospitals.get(state, 'pending') ?? []).filter(({ hospital }) => !equal(hospital, id));

function dropPending(primitives: Primitives, state: StateWriter, id: Address): void {
  const record = hospitals.get(state, toHex(id))?.record;
  if (record === undefined) return;
  hospitals.delete(state, toHex(id));
  const others = (hospitalIds.get(state, 'all') ?? []).filter((other) => !equal(other, id));
  hospitalIds.set(state, others, 'all');
  releaseKey(primitives, state, record.accountKey);
  releaseKey(primitives, state, record.dutyKey);
  setPending(state, withoutPending(state, id));
}

/** At the end of the last block in which a vote counted. */
export function expirePending({ primitives, height }: Pick<ApplySetting, 'primitives' | 'height'>, state: StateWriter) {
  for (const { hospital, lastHeight } of pendingHospitals.get(state, 'pending') ?? [])
    if (lastHeight <= height) dropPending(primitives, state, hospital);
}

import type { Address, Height } from '../../../base/brand.ts';
import { compareBytes, toHex } from '../../../base/bytes.ts';
import type { Primitives } from '../../../base/primitives.ts';
import { quorumOf, type ValidatorSet } from '../../../base/validators.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { type Hospital, hospitalIds, hospitals, keyBindings } from '../../state/tables.ts';
import type { HospitalRecord } from '../payloads.ts';
import { bindKey } from './hospital-keys.ts';

/** Writes a new hospital's rows, and takes its keys. Its id is the address of its account key. */
export function writeHospital(
  primitives: Primitives,
  state: StateWriter,
  id: Address,
  { record, status, admittedHeight }: Hospital,
): void {
  hospitals.set(state, { record, status, admittedHeight }, toHex(id));
  const others = hospitalIds.get(state, 'all') ?? [];
  hospitalIds.set(state, [...others, id].sort(compareBytes), 'all');
  bindKey(primitives, state, record.accountKey, id, 'account');
  bindKey(primitives, state, record.dutyKey, id, 'duty');
  if (record.validatorKey !== null) bindKey(primitives, state, record.validatorKey, id, 'validator');
}

/** From here on the account key sends transactions. */
export function activateHospital(state: StateWriter, id: Address, record: HospitalRecord, height: Height): void {
  keyBindings.set(state, { id, retired: false }, toHex(id));
  hospitals.set(state, { record, status: 'active', admittedHeight: height }, toHex(id));
}

/** Validators that are not active do not vote on changes and are not connected to: a quorum of the set must be active. */
export function hasActiveQuorum(state: StateReader, set: ValidatorSet): boolean {
  const active = set.filter(({ id }) => hospitals.get(state, toHex(id))?.status === 'active').length;
  return active >= quorumOf(set.length);
}

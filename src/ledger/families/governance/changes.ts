import { admitHospital } from './admit-hospital.ts';
import type { Change } from './change.ts';
import { changePolicies } from './change-policies.ts';
import { setHospitalStatus, setHospitalTier } from './hospital-standing.ts';
import { setParameter } from './set-parameter.ts';
import { addValidator, removeValidator, rotateValidatorKey } from './validator-changes.ts';

/** What can be voted on. */
const CHANGES: ReadonlyMap<string, Change<unknown>> = new Map([
  ['admitHospital', admitHospital],
  ['setHospitalStatus', setHospitalStatus],
  ['setHospitalTier', setHospitalTier],
  ['setParameter', setParameter],
  ['addValidator', addValidator],
  ['removeValidator', removeValidator],
  ['changePolicies', changePolicies],
  ['rotateValidatorKey', rotateValidatorKey],
]);

export interface NamedChange {
  readonly change: Change<unknown>;
  /** Read by the change's own shape. */
  readonly value: unknown;
}

/** Undefined where there is no such change, or the value is not of its form. */
export function readChange(name: string, value: unknown): NamedChange | undefined {
  const change = CHANGES.get(name);
  const read = change?.shape(value, 'value');
  return change === undefined || read === undefined || !read.ok ? undefined : { change, value: read.value };
}

import { assert } from '../../base/assert.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { type PolicySet, parsePolicies } from '../../vm/index.ts';
import type { StateReader } from '../state/table.ts';
import { type PatientSet, patientSets } from '../state/tables.ts';

/** How many patients' sets stay compiled. */
const COMPILED_MAX = 512;

/** Sets compiled lately, by the row they were read from: the same bytes give the same set. It changes no answer and no gas. */
export type PatientSetMemo = Map<string, { readonly bytes: Uint8Array; readonly set: PolicySet }>;

/** The row of a patient's set; undefined where he has none. It is read each time, so that a witness holds it. */
export const patientSetRow = (state: StateReader, patient: string): Uint8Array | undefined =>
  state.get(patientSets.key(patient));

/** The set that stands in this row, compiled. */
export function patientSetIn(memo: PatientSetMemo, state: StateReader, patient: string, bytes: Uint8Array): PolicySet {
  const known = memo.get(patient);
  if (known !== undefined && (known.bytes === bytes || equal(known.bytes, bytes))) return known.set;
  const row = patientSets.get(state, patient);
  assert(row !== undefined, 'a row that was read is there');
  const parsed = parsePolicies(textOf(row));
  assert(parsed.ok, 'policies were parsed before they entered the state');
  if (known === undefined && memo.size >= COMPILED_MAX) memo.delete(memo.keys().next().value as string);
  memo.set(patient, { bytes, set: parsed.value });
  return parsed.value;
}

/** In a trail a patient's policy is named by this: no shared policy can have such an id. */
export const patientPolicyName = (policy: Uint8Array): string => `patient:${toHex(policy)}`;

/** The policies carry no annotation of their own (T-42), so that their ids are the ledger's. */
const textOf = ({ policies }: PatientSet): string =>
  policies.map(({ policy, text }) => `@id("${patientPolicyName(policy)}")\n${text}`).join('\n');

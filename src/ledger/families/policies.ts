import { equal, toHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';
import { LEDGER_GAS } from '../gas.ts';
import { POLICY_LIMITS } from '../policy/limits.ts';
import { readPatientPolicy } from '../policy/patient-form.ts';
import { checkStrictly } from '../policy/schema-of.ts';
import { strangerUid, uidOf } from '../principal.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import { type PatientSet, patientPolicies, patientPolicyVersions, patientSets } from '../state/tables.ts';
import { type ApplySetting, event, type Kind, NO_CONCERN, NO_SIGNATURES, type Setting } from './kind.ts';
import type { Payload } from './payloads.ts';

/**
 * A patient's own policies (T-41). Every row stands under the sender's id: whoever deploys, deploys for his own records, whatever the
 * shared policies permit.
 */
const ofSender = {
  signatures: NO_SIGNATURES,
  asks: (setting: Setting, state: StateReader) => [
    { resource: uidOf(state, setting.sender) ?? strangerUid(setting.sender), context: {} },
  ],
  concern: (setting: Setting) => ({ ...NO_CONCERN, owner: setting.sender }),
};

/** Reading, validating and compiling are paid by the byte, before they are done. */
const workOnText = (_state: StateReader, { text }: { readonly text: string }): number =>
  LEDGER_GAS.policyByte * text.length;

export const deployPolicy: Kind<'deployPolicy'> = {
  ...ofSender,
  work: workOnText,
  apply: (setting, state, { policy, text }) => {
    const patient = toHex(setting.sender);
    if (patientPolicies.get(state, patient, toHex(policy)) !== undefined) return refuse('policy.exists');
    const others = standing(state, patient);
    if (others.length >= POLICY_LIMITS.patientPoliciesMax) return refuse('policy.too-many');
    return putVersion(setting, state, { policy, text }, others, 1, 'PolicyDeployed');
  },
};

export const amendPolicy: Kind<'amendPolicy'> = {
  ...ofSender,
  work: workOnText,
  apply: (setting, state, { policy, text }) => {
    const patient = toHex(setting.sender);
    const row = patientPolicies.get(state, patient, toHex(policy));
    if (row === undefined || row.status !== 'standing') return refuse('policy.unknown');
    const others = without(standing(state, patient), policy);
    return putVersion(setting, state, { policy, text }, others, row.version + 1, 'PolicyAmended');
  },
};

/** Its versions stay as history; its id does not come back. */
export const retirePolicy: Kind<'retirePolicy'> = {
  ...ofSender,
  apply: (setting, state, { policy }) => {
    const patient = toHex(setting.sender);
    const row = patientPolicies.get(state, patient, toHex(policy));
    if (row === undefined || row.status !== 'standing') return refuse('policy.unknown');
    patientPolicies.set(state, { ...row, status: 'retired' }, patient, toHex(policy));
    const others = without(standing(state, patient), policy);
    if (others.length === 0) patientSets.delete(state, patient);
    else patientSets.set(state, { policies: others }, patient);
    return ok([event('PolicyRetired', setting.sender, policy)]);
  },
};

type Standing = PatientSet['policies'];

const standing = (state: StateReader, patient: string): Standing => patientSets.get(state, patient)?.policies ?? [];

const without = (policies: Standing, policy: Uint8Array): Standing =>
  policies.filter((other) => !equal(other.policy, policy));

/** The text as it will decide, and the same once more as history. */
function putVersion(
  setting: ApplySetting,
  state: StateWriter,
  { policy, text }: Payload<'deployPolicy'>,
  others: Standing,
  version: number,
  name: string,
): Result<ReturnType<typeof event>[], LedgerCode> {
  const checked = checkText(setting, text);
  if (!checked.ok) return checked;
  const { sender, height } = setting;
  const patient = toHex(sender);
  patientSets.set(state, { policies: [...others, { policy, version, text }] }, patient);
  patientPolicies.set(state, { version, status: 'standing' }, patient, toHex(policy));
  patientPolicyVersions.set(state, { text, height }, patient, toHex(policy), String(version));
  return ok([event(name, sender, policy)]);
}

/** Its form, then the chain's schema (T-42, T-43). */
function checkText({ schema }: ApplySetting, text: string): Result<null, LedgerCode> {
  const read = readPatientPolicy(text);
  return read.ok ? checkStrictly(schema(), [read.value]) : read;
}

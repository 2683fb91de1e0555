import type { Consent } from 'fhir/r4.js';
import { toHex } from '../../../src/base/bytes.ts';
import type { ConsentParty, ConsentSetting, ForeignReference, KnownCategory } from '../../../src/fhir/index.ts';

export const id = (byte: number): string => toHex(new Uint8Array(20).fill(byte));
export const category = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
export const NOW_MS = Date.parse('2026-03-04T05:06:07Z');
export const DAY_MS = 86_400_000;
export const PATIENT = id(1);
export const HOSPITAL_A = id(0xa);
export const HOSPITAL_B = id(0xb);
export const DOCTOR_A = id(0xda);
export const DOCTOR_B = id(0xdb);
export const FRIEND = id(0xf1);

export const CATEGORIES: readonly KnownCategory[] = [
  { category: category(1), epoch: 2, label: 'N', sensitivities: [] },
  { category: category(2), epoch: 0, label: 'R', sensitivities: ['PSY'] },
  { category: category(3), epoch: 1, label: 'V', sensitivities: ['SEX', 'HIV'] },
];

const PARTIES: Readonly<Record<string, ConsentParty>> = {
  'Patient/p': { type: 'person', id: PATIENT, entity: 'Patient' },
  'Organization/a': { type: 'hospital', id: HOSPITAL_A },
  'Organization/b': { type: 'hospital', id: HOSPITAL_B },
  'Practitioner/a': { type: 'person', id: DOCTOR_A, entity: 'Practitioner' },
  'Practitioner/b': { type: 'person', id: DOCTOR_B, entity: 'Practitioner' },
  'RelatedPerson/f': { type: 'person', id: FRIEND, entity: 'Patient' },
};

export const SETTING: ConsentSetting = {
  nowMs: NOW_MS,
  longestMs: 3_650 * DAY_MS,
  patient: PATIENT,
  categories: CATEGORIES,
  resolve: ({ reference }: ForeignReference) => PARTIES[reference],
};

const system = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
export const purpose = (code: string) => ({ system: system('v3-ActReason'), code });
export const actor = (reference: string, role = 'IRCP') => ({
  role: { coding: [{ system: system('v3-ParticipationType'), code: role }] },
  reference: { reference },
});
export const action = (code: string) => ({ coding: [{ system: system('consentaction'), code }] });
export const label = (code: string) => ({ system: system('v3-Confidentiality'), code });
export const sensitivity = (code: string) => ({ system: system('v3-ActCode'), code });

type Provision = NonNullable<Consent['provision']>;
export const consent = (provision: Provision | undefined, rest: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: system('consentscope'), code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/p' },
  ...(provision === undefined ? {} : { provision }),
  ...rest,
});
export const base = (code: 'OPTIN' | 'OPTOUT') => ({
  policyRule: { coding: [{ system: system('v3-ActCode'), code }] },
});
export const PERMIT: Provision = {
  type: 'permit',
  actor: [actor('Practitioner/a')],
  purpose: [purpose('TREAT')],
  period: { end: '2027-01-01T00:00:00Z' },
};

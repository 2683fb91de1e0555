import { PURPOSES, type Role } from '../../src/ledger/vocabulary.ts';
import { type Category, desk, type GrantPlan, hospital, PATIENT, person, role } from './names.ts';

/**
 * Hospitals 1 to 3 validate; 4 does, and is suspended. 5 follows, and becomes a validator. 6 is a community hospital. 7 is suspended,
 * 8 was removed, 9 is under vote. Who is called suspended was active when granted something; who is called pending waits for admission.
 */
export const PEOPLE: readonly { readonly name: string; readonly role: Role; readonly home: number }[] = [
  { name: PATIENT, role: 'patient', home: 1 },
  { name: 'another patient', role: 'patient', home: 2 },
  { name: 'a neighbour', role: 'patient', home: 1 },
  { name: 'a suspended patient', role: 'patient', home: 1 },
  { name: 'a pending patient', role: 'patient', home: 1 },
  { name: 'a patient with a new key', role: 'patient', home: 1 },
  { name: 'a relative', role: 'patient', home: 2 },
  { name: 'a relative who has read', role: 'patient', home: 2 },
  { name: 'a relative who may only write', role: 'patient', home: 2 },
  { name: 'a relative who may read and write', role: 'patient', home: 2 },
  { name: 'a suspended relative', role: 'patient', home: 2 },
  { name: 'a representative', role: 'patient', home: 2 },

  { name: 'Dr A', role: 'practitioner', home: 1 },
  { name: 'Dr without a grant', role: 'practitioner', home: 1 },
  { name: 'Dr of every purpose', role: 'practitioner', home: 1 },
  { name: 'Dr Writer', role: 'practitioner', home: 1 },
  { name: 'Dr who reads and writes', role: 'practitioner', home: 1 },
  { name: 'Dr of the second epoch', role: 'practitioner', home: 1 },
  { name: 'Dr Once', role: 'practitioner', home: 1 },
  { name: 'Dr Twice', role: 'practitioner', home: 1 },
  { name: 'Dr Revoked', role: 'practitioner', home: 1 },
  { name: 'Dr Suspended', role: 'practitioner', home: 1 },
  { name: 'Dr who is pending', role: 'practitioner', home: 1 },
  { name: 'Dr at a desk', role: 'practitioner', home: 2 },
  { name: 'Dr at a desk, suspended', role: 'practitioner', home: 2 },
  { name: 'Dr in a ward', role: 'practitioner', home: 3 },
  { name: 'Dr at a desk for the second epoch', role: 'practitioner', home: 5 },
  { name: 'Dr at a desk used up', role: 'practitioner', home: 6 },
  { name: 'Dr of a barred hospital', role: 'practitioner', home: 7 },
  { name: 'Dr of a removed hospital', role: 'practitioner', home: 8 },

  { name: 'an administrator', role: 'administrator', home: 1 },
  { name: 'an administrator elsewhere', role: 'administrator', home: 2 },
  { name: 'a suspended administrator', role: 'administrator', home: 1 },
  { name: 'an administrator of a barred hospital', role: 'administrator', home: 7 },
  { name: 'a patient of a barred hospital', role: 'patient', home: 7 },

  { name: 'an insurer', role: 'payer', home: 1 },
  { name: 'an insurer without a grant', role: 'payer', home: 1 },
  { name: 'an insurer granted for treatment', role: 'payer', home: 2 },
  { name: 'an insurer who may only write', role: 'payer', home: 2 },
  { name: 'an insurer who may read and write', role: 'payer', home: 2 },
  { name: 'an insurer who has read', role: 'payer', home: 3 },
  { name: 'a suspended insurer', role: 'payer', home: 3 },
];

/** Hospitals with an emergency desk. */
export const DESKS = [2, 5, 6, 7];

const ALL: readonly Category[] = ['normal', 'restricted', 'very restricted'];

/** What the patient granted, where nobody else is named. */
export const GRANTS: readonly GrantPlan[] = [
  { to: person('Dr A'), purposes: ['TREAT'], categories: ALL },
  { to: person('Dr of every purpose'), purposes: PURPOSES },
  { to: person('Dr Writer'), purposes: ['TREAT'], access: 'write' },
  { to: person('Dr who reads and writes'), purposes: ['TREAT'], access: 'read-write' },
  { to: person('Dr of the second epoch'), purposes: ['TREAT'], epochs: [1, 1] },
  { to: person('Dr Once'), purposes: ['TREAT'], uses: 1 },
  { to: person('Dr Twice'), purposes: ['TREAT'], uses: 2 },
  { to: person('Dr Revoked'), purposes: ['TREAT'], access: 'read-write' },
  { to: person('Dr Suspended'), purposes: ['TREAT'], access: 'read-write' },
  { to: person('Dr who is pending'), purposes: ['TREAT'], access: 'read-write' },
  { to: person('Dr of a barred hospital'), purposes: ['TREAT'], access: 'read-write' },
  { to: person('Dr of a removed hospital'), purposes: ['TREAT'] },
  { to: person('Dr A'), purposes: ['TREAT'], epochs: [0, 0], from: 'a suspended patient' },

  { to: hospital(1), purposes: ['FAMRQT'] },
  { to: desk(2), purposes: ['BTG'], categories: ALL },
  { to: hospital(3), purposes: ['TREAT'], categories: ALL },
  { to: desk(5), purposes: ['BTG'], epochs: [1, 1] },
  { to: desk(6), purposes: ['BTG'], uses: 1 },
  { to: desk(6), purposes: ['BTG'], categories: ['restricted'] },
  { to: desk(7), purposes: ['BTG'] },
  { to: role('practitioner'), purposes: ['HOPERAT', 'BTG'], categories: ALL },
  { to: role('patient'), purposes: ['FAMRQT'] },

  { to: person('a relative'), purposes: ['FAMRQT', 'TREAT'], categories: ALL },
  { to: person('a relative who has read'), purposes: ['FAMRQT'], uses: 1 },
  { to: person('a relative who may only write'), purposes: ['FAMRQT'], access: 'write' },
  { to: person('a relative who may read and write'), purposes: ['FAMRQT'], access: 'read-write' },
  { to: person('a suspended relative'), purposes: ['FAMRQT'] },
  { to: person('a representative'), purposes: ['PATRQT'], epochs: [1, 1] },

  { to: person('an insurer'), purposes: ['HPAYMT', 'TREAT'], epochs: [1, 1] },
  { to: person('an insurer granted for treatment'), purposes: ['TREAT'] },
  { to: person('an insurer who may only write'), purposes: ['HPAYMT'], access: 'write' },
  { to: person('an insurer who may read and write'), purposes: ['HPAYMT'], access: 'read-write' },
  { to: person('an insurer who has read'), purposes: ['HPAYMT'], uses: 1 },
  { to: person('a suspended insurer'), purposes: ['HPAYMT'] },
  { to: role('payer'), purposes: ['HPAYMT'] },
];

import { toHex } from '../../../src/base/bytes.ts';
import { record, setOf } from '../../../src/vm/index.ts';
import { asks, type Case, denied, erring, permitted } from '../case.ts';
import { categoryId, EXPIRES_MS, PATIENT } from '../names.ts';
import { amends, registers, rewraps, shreds } from './acts.ts';
import { uid } from './uids.ts';

const REGISTERED = permitted('practitioner-registers-under-write-grant');
const AMENDED = permitted('practitioner-amends-under-write-grant');

/** A doctor who holds a grant as a patient does: no transaction makes one, the schema allows it. */
const GRANT_KEY = `person:${uid.practitioner('Dr A').id}:${toHex(categoryId('Dr Writer', 'normal'))}`;
const grantByDoctor = record({
  purposes: setOf(['TREAT']),
  access: 'write',
  expires: BigInt(EXPIRES_MS),
  usesLeft: -1n,
  epochFrom: 0n,
  epochTo: 0n,
});

/** Who may put records on the chain (Alg. 1, F21, F26). */
export const RECORDS: readonly Case[] = [
  ['a patient registers an own record', registers(PATIENT), permitted('patient-registers-own-record')],
  [
    'a suspended patient registers nothing',
    registers('a suspended patient', { owner: 'a suspended patient' }),
    denied(),
  ],
  ['a patient registers nothing for another', registers('another patient', { owner: PATIENT }), denied()],
  ['a doctor registers under a write grant', registers('Dr Writer', { owner: PATIENT }), REGISTERED],
  ['a doctor registers under a read-write grant', registers('Dr who reads and writes', { owner: PATIENT }), REGISTERED],
  ['a doctor registers nothing under a read grant', registers('Dr A', { owner: PATIENT }), denied()],
  ['a doctor registers nothing without a grant', registers('Dr without a grant', { owner: PATIENT }), denied()],
  [
    'a write grant covers its category, and no other',
    registers('Dr Writer', { owner: PATIENT, category: 'restricted', epoch: 0 }),
    denied(),
  ],
  [
    'a doctor registers in the last millisecond of a grant',
    registers('Dr Writer', { owner: PATIENT }, EXPIRES_MS - 1),
    REGISTERED,
  ],
  [
    'a doctor registers nothing from the moment that a grant ends',
    registers('Dr Writer', { owner: PATIENT }, EXPIRES_MS),
    denied(),
  ],
  ['a suspended doctor registers nothing', registers('Dr Suspended', { owner: PATIENT }), denied()],
  [
    'a doctor of a suspended hospital registers nothing',
    registers('Dr of a barred hospital', { owner: PATIENT }),
    denied('barred-hospital-reads-nothing'),
  ],
  ['a doctor registers nothing under a revoked grant', registers('Dr Revoked', { owner: PATIENT }), denied()],
  [
    'a relative registers nothing, also under a write grant',
    registers('a relative who may only write', { owner: PATIENT }),
    denied(),
  ],
  ['a doctor registers nothing for oneself', registers('Dr A', { owner: 'Dr A' }), denied()],
  ['an administrator registers nothing', registers('an administrator', { owner: PATIENT }), denied()],
  ['a hospital registers nothing', registers('hospital 1', { owner: PATIENT }), denied()],
  [
    'records are of patients: nobody registers one of a doctor',
    asks({
      principal: uid.practitioner('Dr A'),
      action: 'registerRecord',
      resource: uid.practitioner('Dr Writer'),
      context: { grantKey: GRANT_KEY, nowMs: BigInt(EXPIRES_MS) - 1n },
      entities: [{ uid: uid.practitioner('Dr Writer'), tags: { [GRANT_KEY]: grantByDoctor } }],
    }),
    denied(),
  ],
  ['nobody registers for a stranger', registers(PATIENT, { owner: 'a stranger' }), denied()],

  ['a patient amends an own record', amends(PATIENT, 'first'), permitted('patient-amends-own-record')],
  [
    'a patient amends what a doctor wrote',
    amends(PATIENT, 'written by Dr Writer'),
    permitted('patient-amends-own-record'),
  ],
  [
    'a suspended patient amends nothing',
    amends('a suspended patient', "the suspended patient's", { owner: 'a suspended patient' }),
    denied(),
  ],
  ["a patient amends nobody else's record", amends('another patient', 'first', { owner: PATIENT }), denied()],
  ['a doctor amends under a write grant', amends('Dr Writer', 'first', { owner: PATIENT }), AMENDED],
  ['a doctor amends under a read-write grant', amends('Dr who reads and writes', 'first', { owner: PATIENT }), AMENDED],
  ['a doctor amends nothing under a read grant', amends('Dr A', 'first', { owner: PATIENT }), denied()],
  ['a doctor amends nothing without a grant', amends('Dr without a grant', 'first', { owner: PATIENT }), denied()],
  [
    'an author amends nothing without a grant',
    amends('Dr Suspended', 'written by Dr Suspended', { owner: PATIENT }),
    denied(),
  ],
  [
    'a doctor amends in the last millisecond of a grant',
    amends('Dr Writer', 'first', { owner: PATIENT }, EXPIRES_MS - 1),
    AMENDED,
  ],
  [
    'a doctor amends nothing from the moment that a grant ends',
    amends('Dr Writer', 'first', { owner: PATIENT }, EXPIRES_MS),
    denied(),
  ],
  [
    'a doctor of a suspended hospital amends nothing',
    amends('Dr of a barred hospital', 'first', { owner: PATIENT }),
    denied('barred-hospital-reads-nothing'),
  ],
  [
    'a relative amends nothing, also under a write grant',
    amends('a relative who may only write', 'first', { owner: PATIENT }),
    denied(),
  ],
  [
    'nobody amends a record that is not there',
    amends('Dr Writer', 'of nobody', { owner: PATIENT }),
    erring(denied(), 'practitioner-amends-under-write-grant'),
  ],

  ['a patient shreds an own record', shreds(PATIENT, 'first'), permitted('patient-shreds-own-record')],
  [
    'a patient shreds what a doctor wrote',
    shreds(PATIENT, 'written by Dr Writer'),
    permitted('patient-shreds-own-record'),
  ],
  ["a patient shreds nobody else's record", shreds('another patient', 'first'), denied()],
  ['a suspended patient shreds nothing', shreds('a suspended patient', "the suspended patient's"), denied()],
  ['an author shreds nothing', shreds('Dr Writer', 'written by Dr Writer'), denied()],
  ['a doctor who may write shreds nothing', shreds('Dr who reads and writes', 'first'), denied()],
  ['a hospital shreds nothing', shreds('hospital 1', 'first'), denied()],
  ['an administrator shreds nothing', shreds('an administrator', 'first'), denied()],
  [
    'nobody shreds a record that is not there',
    shreds(PATIENT, 'of nobody'),
    erring(denied(), 'patient-shreds-own-record'),
  ],

  ['a patient rewraps an own record', rewraps(PATIENT, 'first'), permitted('patient-rewraps-own-record')],
  [
    'a patient rewraps what a doctor wrote',
    rewraps(PATIENT, 'written by Dr Writer'),
    permitted('patient-rewraps-own-record'),
  ],
  ["a patient rewraps nobody else's record", rewraps('another patient', 'first'), denied()],
  ['a suspended patient rewraps nothing', rewraps('a suspended patient', "the suspended patient's"), denied()],
  ['an author rewraps nothing', rewraps('Dr Writer', 'written by Dr Writer'), denied()],
  ['a doctor who may write rewraps nothing', rewraps('Dr who reads and writes', 'first'), denied()],
  ['a hospital rewraps nothing', rewraps('hospital 1', 'first'), denied()],
  ['an administrator rewraps nothing', rewraps('an administrator', 'first'), denied()],
  [
    'nobody rewraps a record that is not there',
    rewraps(PATIENT, 'of nobody'),
    erring(denied(), 'patient-rewraps-own-record'),
  ],
];

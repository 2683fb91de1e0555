import type { Signature } from '../../../src/base/brand.ts';
import { publicOf } from '../../ledger/town.ts';
import { asks, type Case, denied, does, erring, permitted } from '../case.ts';
import { PATIENT } from '../names.ts';
import { decidesOver } from './acts.ts';
import { uid } from './uids.ts';

const enrols = (who: string, at: number) =>
  does(who, 'enrol', (world) => world.enrolment(who, 'patient', `hospital ${at}`));
const rotates = (who: string) =>
  does(who, 'rotateKey', { newKey: publicOf('new'), possession: new Uint8Array(65) as Signature });
const publishes = (who: string) =>
  does(who, 'publishDelegatingKey', { category: new Uint8Array(16), epoch: 0, publicKey: publicOf('new'), label: 'N' });
const policy = { policy: new Uint8Array(16), text: 'forbid (principal, action == Action::"readRecord", resource);' };

const BY_HOSPITAL = permitted('hospital-manages-own-accounts');
const BY_ADMINISTRATOR = permitted('administrator-manages-own-accounts');

/** Who joins, who decides over accounts, keys and own policies (F1, F2, F6, F20, F30, F52). */
export const PARTICIPANTS: readonly Case[] = [
  ['a stranger enrols through an active hospital', enrols('a stranger', 1), permitted('enrol-through-hospital')],
  ['a stranger does not enrol through a suspended hospital', enrols('a stranger', 7), denied()],
  ['a stranger does not enrol through a removed hospital', enrols('a stranger', 8), denied()],
  ['a stranger does not enrol through a hospital under vote', enrols('a stranger', 9), denied()],
  [
    'a stranger does not enrol through a hospital that is not there',
    enrols('a stranger', 10),
    erring(denied(), 'enrol-through-hospital'),
  ],
  ['nobody enrols twice', enrols(PATIENT, 1), denied()],

  ['a hospital admits a person of its own', decidesOver('hospital 1', 'admit', 'a pending patient'), BY_HOSPITAL],
  ['a hospital suspends a person of its own', decidesOver('hospital 1', 'suspend', 'Dr A'), BY_HOSPITAL],
  ['a hospital reinstates a person of its own', decidesOver('hospital 1', 'reinstate', 'Dr Suspended'), BY_HOSPITAL],
  ['a hospital suspends its own administrator', decidesOver('hospital 1', 'suspend', 'an administrator'), BY_HOSPITAL],
  ["a hospital does not admit another's person", decidesOver('hospital 2', 'admit', 'a pending patient'), denied()],
  ["a hospital does not suspend another's person", decidesOver('hospital 2', 'suspend', 'Dr A'), denied()],
  ['a hospital suspends no hospital, nor itself', decidesOver('hospital 1', 'suspend', 'hospital 1'), denied()],
  ['a suspended hospital suspends nobody', decidesOver('hospital 7', 'suspend', 'Dr of a barred hospital'), denied()],
  ['nobody suspends a stranger', decidesOver('hospital 1', 'suspend', 'a stranger'), denied()],
  [
    'an administrator admits a person of the own hospital',
    decidesOver('an administrator', 'admit', 'a pending patient'),
    BY_ADMINISTRATOR,
  ],
  [
    'an administrator suspends a person of the own hospital',
    decidesOver('an administrator', 'suspend', 'Dr A'),
    BY_ADMINISTRATOR,
  ],
  [
    'an administrator reinstates a person of the own hospital',
    decidesOver('an administrator', 'reinstate', 'Dr Suspended'),
    BY_ADMINISTRATOR,
  ],
  [
    'an administrator decides over nobody of another hospital',
    decidesOver('an administrator elsewhere', 'suspend', 'Dr A'),
    denied(),
  ],
  [
    'an administrator does not decide over oneself',
    decidesOver('an administrator', 'suspend', 'an administrator'),
    denied(),
  ],
  [
    'a suspended administrator decides over nobody',
    decidesOver('a suspended administrator', 'suspend', 'Dr A'),
    denied(),
  ],
  ['an administrator suspends no hospital', decidesOver('an administrator', 'suspend', 'hospital 1'), denied()],
  [
    'an administrator of a suspended hospital decides over nobody',
    decidesOver('an administrator of a barred hospital', 'suspend', 'Dr of a barred hospital'),
    denied('barred-hospital-administers-nothing'),
  ],
  [
    'an administrator of a suspended hospital admits nobody',
    decidesOver('an administrator of a barred hospital', 'admit', 'a patient of a barred hospital'),
    denied('barred-hospital-administers-nothing'),
  ],
  [
    'an administrator of a suspended hospital reinstates nobody',
    decidesOver('an administrator of a barred hospital', 'reinstate', 'a patient of a barred hospital'),
    denied('barred-hospital-administers-nothing'),
  ],
  ['a doctor decides over nobody', decidesOver('Dr A', 'suspend', 'Dr Suspended'), denied()],
  ['a patient does not admit oneself', decidesOver('a pending patient', 'admit', 'a pending patient'), denied()],
  [
    'a suspended person does not reinstate oneself',
    decidesOver('a suspended patient', 'reinstate', 'a suspended patient'),
    denied(),
  ],
  ['a patient does not suspend oneself', decidesOver(PATIENT, 'suspend', PATIENT), denied()],

  ['a patient moves to a new key', rotates(PATIENT), permitted('rotate-own-key')],
  ['a suspended doctor moves to a new key', rotates('Dr Suspended'), permitted('rotate-own-key')],
  ['a suspended hospital moves to a new key', rotates('hospital 7'), permitted('rotate-own-key')],
  [
    "nobody moves another's key",
    asks({ principal: uid.hospital(1), action: 'rotateKey', resource: uid.practitioner('Dr A') }),
    denied(),
  ],
  ['a patient publishes a key for later records', publishes(PATIENT), permitted('patient-publishes-delegating-key')],
  ['a suspended patient publishes no key', publishes('a suspended patient'), denied()],
  ['a doctor publishes no key for records', publishes('Dr A'), denied()],
  [
    "nobody publishes a key for another's records",
    asks({ principal: uid.patient('another patient'), action: 'publishDelegatingKey', resource: uid.patient(PATIENT) }),
    denied(),
  ],

  ['a patient deploys an own policy', does(PATIENT, 'deployPolicy', policy), permitted('patient-keeps-own-policies')],
  ['a patient amends an own policy', does(PATIENT, 'amendPolicy', policy), permitted('patient-keeps-own-policies')],
  [
    'a patient retires an own policy',
    does(PATIENT, 'retirePolicy', { policy: policy.policy }),
    permitted('patient-keeps-own-policies'),
  ],
  ['a suspended patient deploys no policy', does('a suspended patient', 'deployPolicy', policy), denied()],
  ['a doctor deploys no policy', does('Dr A', 'deployPolicy', policy), denied()],
  ['a hospital deploys no policy of its own', does('hospital 1', 'deployPolicy', policy), denied()],
  [
    "nobody deploys a policy for another's records",
    asks({ principal: uid.patient('another patient'), action: 'deployPolicy', resource: uid.patient(PATIENT) }),
    denied(),
  ],
];

import type { ViewResource } from '../../../src/ledger/authorize.ts';
import { type Case, denied, erring, permitted, sees } from '../case.ts';
import { PATIENT, recordId } from '../names.ts';
import type { World } from '../world.ts';
import { participant } from './acts.ts';

const ALL: ViewResource = { type: 'Consortium' };
const recordOf = (name: string): ViewResource => ({ type: 'Record', id: recordId(name) });
const readOf =
  (who: string) =>
  (world: World): ViewResource => ({ type: 'Read', id: world.transaction(`${who} reads first`) });
const requestOf = (world: World): ViewResource => ({ type: 'Request', id: world.transaction('Dr A asks for first') });
const rows = (kind: 'public' | 'directory' | 'delegatingKey' | 'own') => ({
  public: kind === 'public',
  directory: kind === 'directory',
  delegatingKey: kind === 'delegatingKey',
});

const SELF = permitted('person-sees-self');
const UPLOADED = permitted('authors-upload');

/** Who may look at what through a hospital's API. */
export const VIEWS: readonly Case[] = [
  ['anyone sees the status', sees(null, 'viewStatus', ALL), permitted('anyone-sees-status')],
  ['anyone sees the metrics', sees('a stranger', 'viewMetrics', ALL), permitted('anyone-sees-status')],
  ['a hospital sees whole blocks', sees('hospital 6', 'viewChain', ALL), permitted('hospitals-see-the-chain')],
  [
    'an administrator sees whole blocks',
    sees('an administrator', 'viewChain', ALL),
    permitted('hospitals-see-the-chain'),
  ],
  ['a suspended hospital sees no whole blocks', sees('hospital 7', 'viewChain', ALL), denied()],
  [
    'an administrator of a suspended hospital sees no whole blocks',
    sees('an administrator of a barred hospital', 'viewChain', ALL),
    denied('barred-hospital-administers-nothing'),
  ],
  ['a suspended administrator sees no whole blocks', sees('a suspended administrator', 'viewChain', ALL), denied()],
  ['a doctor sees no whole blocks', sees('Dr A', 'viewChain', ALL), denied()],
  ['a patient sees no whole blocks', sees(PATIENT, 'viewChain', ALL), denied()],
  ['a stranger sees no whole blocks', sees(null, 'viewChain', ALL), denied()],
  ['a patient hears events', sees(PATIENT, 'viewEvents', ALL), permitted('members-hear-events')],
  ['a suspended doctor hears no events', sees('Dr Suspended', 'viewEvents', ALL), denied()],
  ['a stranger hears no events', sees('a stranger', 'viewEvents', ALL), denied()],

  ['a patient sees the own account', sees(PATIENT, 'viewParticipant', participant(PATIENT)), SELF],
  [
    'a pending patient sees the own account',
    sees('a pending patient', 'viewParticipant', participant('a pending patient')),
    SELF,
  ],
  [
    'a suspended patient sees the own records',
    sees('a suspended patient', 'viewRecords', participant('a suspended patient')),
    SELF,
  ],
  ['a patient sees the own requests', sees(PATIENT, 'viewRequests', participant(PATIENT)), SELF],
  ['a patient sees the own grants', sees(PATIENT, 'viewGrants', participant(PATIENT)), SELF],
  ['a patient sees the own trail', sees(PATIENT, 'viewAudit', participant(PATIENT)), SELF],
  ['a doctor sees the own receipts', sees('Dr A', 'viewReceipt', participant('Dr A')), SELF],
  ['a doctor sees what he could read himself', sees('Dr A', 'viewReadable', participant('Dr A')), SELF],
  [
    'a suspended doctor sees that he could read nothing',
    sees('Dr Suspended', 'viewReadable', participant('Dr Suspended')),
    SELF,
  ],
  ['a patient does not see what a doctor could read', sees(PATIENT, 'viewReadable', participant('Dr A')), denied()],
  [
    'a doctor does not see what a colleague could read',
    sees('Dr A', 'viewReadable', participant('Dr Writer')),
    denied(),
  ],
  [
    'a hospital does not see what its own people could read',
    sees('hospital 1', 'viewReadable', participant('Dr A')),
    denied(),
  ],
  [
    'an administrator does not see what people of the own hospital could read',
    sees('an administrator', 'viewReadable', participant('Dr A')),
    denied(),
  ],
  ['a stranger sees of nobody what could be read', sees(null, 'viewReadable', participant(PATIENT)), denied()],
  ["a doctor sees nothing of a patient's list of records", sees('Dr A', 'viewRecords', participant(PATIENT)), denied()],
  ["a doctor sees nothing of a patient's grants", sees('Dr A', 'viewGrants', participant(PATIENT)), denied()],
  [
    "the home hospital sees nothing of a patient's trail",
    sees('hospital 1', 'viewAudit', participant(PATIENT)),
    denied(),
  ],
  [
    "the home hospital sees nothing of a patient's records",
    sees('hospital 1', 'viewRecords', participant(PATIENT)),
    denied(),
  ],
  [
    "an administrator sees nothing of a patient's records",
    sees('an administrator', 'viewRecords', participant(PATIENT)),
    denied(),
  ],
  [
    'a hospital sees the account of a person of its own',
    sees('hospital 1', 'viewParticipant', participant('Dr A')),
    permitted('hospital-sees-own-people'),
  ],
  ["a hospital does not see another's person", sees('hospital 2', 'viewParticipant', participant('Dr A')), denied()],
  [
    'a suspended hospital sees no accounts',
    sees('hospital 7', 'viewParticipant', participant('Dr of a barred hospital')),
    denied(),
  ],
  [
    'a hospital finds no account where there is nobody',
    sees('hospital 1', 'viewParticipant', participant('a stranger')),
    denied(),
  ],
  [
    'an administrator sees an account of the own hospital',
    sees('an administrator', 'viewParticipant', participant('Dr A')),
    permitted('administrator-sees-own-people'),
  ],
  [
    'an administrator sees no account elsewhere',
    sees('an administrator elsewhere', 'viewParticipant', participant('Dr A')),
    denied(),
  ],
  [
    'a suspended administrator sees no account',
    sees('a suspended administrator', 'viewParticipant', participant('Dr A')),
    denied(),
  ],
  [
    'an administrator finds no account where there is nobody',
    sees('an administrator', 'viewParticipant', participant('a stranger')),
    denied(),
  ],
  ['a doctor sees no account of a colleague', sees('Dr A', 'viewParticipant', participant('Dr Writer')), denied()],
  [
    'a doctor of a suspended hospital sees the own account',
    sees('Dr of a barred hospital', 'viewParticipant', participant('Dr of a barred hospital')),
    SELF,
  ],
  [
    'an administrator of a suspended hospital sees the own account',
    sees(
      'an administrator of a barred hospital',
      'viewParticipant',
      participant('an administrator of a barred hospital'),
    ),
    permitted('administrator-sees-own-people', 'person-sees-self'),
  ],
  [
    'a stranger sees no account of a hospital',
    sees('a stranger', 'viewParticipant', participant('hospital 1')),
    denied(),
  ],
  [
    'a key that was given up sees nothing of the account',
    sees('a patient with a new key', 'viewParticipant', participant('a patient with a new key')),
    denied(),
  ],
  [
    'the key in its place sees the account',
    sees('a patient with a new key, new', 'viewParticipant', participant('a patient with a new key')),
    SELF,
  ],

  [
    'a patient looks up the keys of a doctor',
    sees(PATIENT, 'lookUpKeys', participant('Dr A')),
    permitted('clinical-look-up'),
  ],
  [
    'a doctor looks up the keys of a patient',
    sees('Dr A', 'lookUpKeys', participant(PATIENT)),
    permitted('clinical-look-up'),
  ],
  ['a suspended doctor looks up no keys', sees('Dr Suspended', 'lookUpKeys', participant(PATIENT)), denied()],
  ['an administrator looks up no keys', sees('an administrator', 'lookUpKeys', participant(PATIENT)), denied()],
  ['a hospital looks up no keys', sees('hospital 2', 'lookUpKeys', participant(PATIENT)), denied()],
  ['a stranger looks up no keys', sees('a stranger', 'lookUpKeys', participant(PATIENT)), denied()],

  [
    'a patient sees the entry of an own record',
    sees(PATIENT, 'viewRecord', recordOf('first')),
    permitted('patient-sees-own-record'),
  ],
  [
    'a suspended patient sees the entry of an own record',
    sees('a suspended patient', 'viewRecord', recordOf("the suspended patient's")),
    permitted('patient-sees-own-record'),
  ],
  ["a patient sees no entry of another's record", sees('another patient', 'viewRecord', recordOf('first')), denied()],
  [
    'a patient sees who could read an own record',
    sees(PATIENT, 'viewReaders', recordOf('first')),
    permitted('patient-sees-own-record'),
  ],
  [
    "a patient does not see who could read another's record",
    sees('another patient', 'viewReaders', recordOf('first')),
    denied(),
  ],
  [
    'a doctor who could read a record does not see who else could',
    sees('Dr A', 'viewReaders', recordOf('first')),
    denied(),
  ],
  [
    'an author does not see who could read what he wrote',
    sees('Dr Writer', 'viewReaders', recordOf('written by Dr Writer')),
    denied(),
  ],
  ['a hospital does not see who could read a record', sees('hospital 1', 'viewReaders', recordOf('first')), denied()],
  [
    'nobody sees who could read a record that is not there',
    sees(PATIENT, 'viewReaders', recordOf('of nobody')),
    erring(denied(), 'patient-sees-own-record'),
  ],
  [
    'an author sees the entry of what he wrote',
    sees('Dr Writer', 'viewRecord', recordOf('written by Dr Writer')),
    permitted('author-sees-authored-record'),
  ],
  ['a suspended author does not', sees('Dr Suspended', 'viewRecord', recordOf('written by Dr Suspended')), denied()],
  [
    'a doctor sees no entry of what another wrote',
    sees('Dr A', 'viewRecord', recordOf('written by Dr Writer')),
    denied(),
  ],
  [
    'a doctor sees no entry of what a patient wrote, also under a grant',
    sees('Dr A', 'viewRecord', recordOf('first')),
    denied(),
  ],
  ['a hospital sees no entry of a record', sees('hospital 1', 'viewRecord', recordOf('first')), denied()],
  [
    'nobody sees the entry of a record that is not there',
    sees(PATIENT, 'viewRecord', recordOf('of nobody')),
    erring(denied(), 'patient-sees-own-record'),
  ],

  ['who asked sees the request', sees('Dr A', 'viewRequest', requestOf), permitted('requester-sees-own-request')],
  ['who was asked sees the request', sees(PATIENT, 'viewRequest', requestOf), permitted('requester-sees-own-request')],
  ['another doctor sees no request', sees('Dr Writer', 'viewRequest', requestOf), denied()],
  ['a hospital sees no request', sees('hospital 1', 'viewRequest', requestOf), denied()],

  ['a patient uploads', sees(PATIENT, 'uploadBlob', ALL), UPLOADED],
  ['a doctor has a record stored', sees('Dr A', 'storeRecord', ALL), UPLOADED],
  ['a suspended doctor uploads nothing', sees('Dr Suspended', 'uploadBlob', ALL), denied()],
  ['an administrator uploads nothing', sees('an administrator', 'uploadBlob', ALL), denied()],
  ['a stranger uploads nothing', sees('a stranger', 'uploadBlob', ALL), denied()],
  ['a patient hands out fragments', sees(PATIENT, 'storeFragments', ALL), permitted('patient-hands-out-fragments')],
  ['a suspended patient hands out no fragments', sees('a suspended patient', 'storeFragments', ALL), denied()],
  ['a doctor hands out no fragments', sees('Dr A', 'storeFragments', ALL), denied()],

  [
    'a doctor fetches what an own read opened',
    sees('Dr A', 'fetchRead', readOf('Dr A')),
    permitted('reader-fetches-own-read'),
  ],
  [
    'a patient fetches what an own read opened',
    sees(PATIENT, 'fetchRead', readOf(PATIENT)),
    permitted('reader-fetches-own-read'),
  ],
  [
    'a relative fetches what an own read opened',
    sees('a relative', 'fetchRead', readOf('a relative')),
    permitted('reader-fetches-own-read'),
  ],
  ["the patient does not fetch what a doctor's read opened", sees(PATIENT, 'fetchRead', readOf('Dr A')), denied()],
  [
    "another doctor does not fetch what a doctor's read opened",
    sees('Dr Writer', 'fetchRead', readOf('Dr A')),
    denied(),
  ],
  [
    'the hospital of a reader does not fetch what the read opened',
    sees('hospital 1', 'fetchRead', readOf('Dr A')),
    denied(),
  ],
  ['an administrator fetches nothing', sees('an administrator', 'fetchRead', readOf('Dr A')), denied()],
  [
    'a reader who was suspended since fetches nothing',
    sees('Dr Suspended', 'fetchRead', readOf('Dr Suspended'), {}, (world) =>
      world.heightOf('Dr Suspended reads first'),
    ),
    denied(),
  ],
  [
    'a read is open up to its last height',
    sees('Dr A', 'fetchRead', readOf('Dr A'), {}, (world) => world.heightOf('Dr A reads first') + 20),
    permitted('reader-fetches-own-read'),
  ],
  [
    'a read is closed beyond its last height',
    sees('Dr A', 'fetchRead', readOf('Dr A'), {}, (world) => world.heightOf('Dr A reads first') + 21),
    denied(),
  ],

  [
    'a doctor has public rows proved',
    sees('Dr A', 'prove', ALL, rows('public')),
    permitted('members-prove-public-rows'),
  ],
  ['a stranger has nothing proved', sees('a stranger', 'prove', ALL, rows('public')), denied()],
  ['a suspended doctor has no public rows proved', sees('Dr Suspended', 'prove', ALL, rows('public')), denied()],
  ['rows that are not public are not proved as such', sees('Dr A', 'prove', ALL, rows('own')), denied()],
  ['rows about a person are not public', sees('Dr A', 'prove', participant(PATIENT), rows('public')), denied()],
  [
    'a patient has own rows proved',
    sees(PATIENT, 'prove', participant(PATIENT), rows('own')),
    permitted('person-proves-own-rows'),
  ],
  [
    'a suspended patient has own rows proved',
    sees('a suspended patient', 'prove', participant('a suspended patient'), rows('own')),
    permitted('person-proves-own-rows'),
  ],
  ["a doctor has no rows of a patient's proved", sees('Dr A', 'prove', participant(PATIENT), rows('own')), denied()],
  [
    'a hospital has keys and standing proved',
    sees('hospital 2', 'prove', participant(PATIENT), rows('directory')),
    permitted('members-prove-directory'),
  ],
  [
    'a suspended hospital has no keys and standing proved',
    sees('hospital 7', 'prove', participant(PATIENT), rows('directory')),
    denied(),
  ],
  [
    "a doctor has a patient's delegating key proved",
    sees('Dr A', 'prove', participant(PATIENT), rows('delegatingKey')),
    permitted('author-proves-delegating-key'),
  ],
  [
    'a doctor has no delegating key of a colleague',
    sees('Dr A', 'prove', participant('Dr Writer'), rows('delegatingKey')),
    denied(),
  ],
  [
    'a suspended doctor has no delegating key proved',
    sees('Dr Suspended', 'prove', participant(PATIENT), rows('delegatingKey')),
    denied(),
  ],
  [
    "another patient has no patient's delegating key proved",
    sees('another patient', 'prove', participant(PATIENT), rows('delegatingKey')),
    denied(),
  ],
  [
    "a hospital has no patient's delegating key proved",
    sees('hospital 1', 'prove', participant(PATIENT), rows('delegatingKey')),
    denied(),
  ],
];

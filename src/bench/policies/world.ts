/**
 * A small consortium as Cedar's JSON writes entities, with the attributes of docs/specification/entities.md. Both engines read the
 * same JSON. Ids have the length of real ones.
 */
export interface UidJson {
  readonly type: string;
  readonly id: string;
}

export interface EntityJson {
  readonly uid: UidJson;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly parents: readonly UidJson[];
  readonly tags?: Readonly<Record<string, unknown>>;
}

export const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const ADDRESS_DIGITS = 40;
const HASH_DIGITS = 64;

const uid = (type: string, id: string): UidJson => ({ type, id });
/** An id of so many digits that a small number stands for. */
const numbered = (n: number, digits: number): string => n.toString(16).padStart(2, '0').repeat(digits).slice(0, digits);
const address = (n: number): string => numbered(n, ADDRESS_DIGITS);
const hash = (n: number): string => numbered(n, HASH_DIGITS);
export const ref = ({ type, id }: UidJson) => ({ __entity: { type, id } });

export const HOSPITAL = uid('Hospital', address(1));
export const COMMUNITY_HOSPITAL = uid('Hospital', address(2));
export const SUSPENDED_HOSPITAL = uid('Hospital', address(3));
export const PATIENT = uid('Patient', address(16));
export const OTHER_PATIENT = uid('Patient', address(17));
export const GRANTED = uid('Practitioner', address(32));
export const NOT_GRANTED = uid('Practitioner', address(33));
export const BARRED = uid('Practitioner', address(34));
export const ADMINISTRATOR = uid('Administrator', address(48));
export const STRANGER = uid('Stranger', address(64));
export const RECORD = uid('Record', hash(1));
export const SHREDDED_RECORD = uid('Record', hash(2));
export const NO_RECORD = uid('Record', hash(3));
export const READ = uid('Read', hash(4));
export const REQUEST = uid('Request', hash(5));
export const CONSORTIUM = uid('Consortium', 'consortium');
export const CATEGORY = hash(6);

/** For whom, and what: docs/specification/transactions.md, T-40. */
export const grantKey = (grantee: UidJson): string => `person:${grantee.id}:${CATEGORY}`;
const OTHER_GRANTS = 4;

const hospital = (at: UidJson, tier: string, status: string, validator: boolean): EntityJson => ({
  uid: at,
  attrs: { status, tier, validator },
  parents: [],
});

const person = (at: UidJson, role: string, home: UidJson, tags: EntityJson['tags'] = {}): EntityJson => ({
  uid: at,
  attrs: { role, status: 'active', home: ref(home) },
  parents: [home],
  tags,
});

const grant = (access: string) => ({
  purposes: ['TREAT', 'ETREAT', 'CAREMGT'],
  access,
  expires: NOW_MS + HOUR_MS,
  usesLeft: 3,
  epochFrom: 0,
  epochTo: 4,
});

const record = (at: UidJson, status: string): EntityJson => ({
  uid: at,
  attrs: { owner: ref(PATIENT), author: ref(GRANTED), status, epoch: 2, category: CATEGORY, label: 'N' },
  parents: [],
});

/** A patient has more grants than the one that is asked for; few, because the official engine reads them all each time. */
const grantsOfPatient = Object.fromEntries([
  [grantKey(GRANTED), grant('read-write')],
  ...Array.from({ length: OTHER_GRANTS }, (_, i) => [
    grantKey(uid('Practitioner', address(128 + i))),
    grant(i % 2 === 0 ? 'read' : 'write'),
  ]),
]);

export const WORLD: readonly EntityJson[] = [
  hospital(HOSPITAL, 'tertiary', 'active', true),
  hospital(COMMUNITY_HOSPITAL, 'community', 'active', false),
  hospital(SUSPENDED_HOSPITAL, 'secondary', 'suspended', false),
  person(PATIENT, 'patient', HOSPITAL, grantsOfPatient),
  person(OTHER_PATIENT, 'patient', COMMUNITY_HOSPITAL),
  person(GRANTED, 'practitioner', HOSPITAL),
  person(NOT_GRANTED, 'practitioner', COMMUNITY_HOSPITAL),
  person(BARRED, 'practitioner', SUSPENDED_HOSPITAL),
  person(ADMINISTRATOR, 'administrator', HOSPITAL),
  { uid: STRANGER, attrs: { status: 'stranger' }, parents: [] },
  record(RECORD, 'live'),
  record(SHREDDED_RECORD, 'shredded'),
  {
    uid: READ,
    attrs: { owner: ref(PATIENT), height: 1_000, record: ref(RECORD) },
    parents: [GRANTED],
  },
  { uid: REQUEST, attrs: { requester: ref(NOT_GRANTED), owner: ref(PATIENT) }, parents: [] },
  { uid: CONSORTIUM, attrs: {}, parents: [] },
];

import { toHex } from '../../../src/base/bytes.ts';
import { type EntityUid, entity, record, setOf, type Value } from '../../../src/vm/index.ts';
import { hash, idOf, publicOf } from '../../ledger/town.ts';
import { type Asking, asks, type Case, denied, does, erring, permitted, sees } from '../case.ts';
import { categoryId, EXPIRES_MS, PATIENT } from '../names.ts';
import { participant } from './acts.ts';
import { uid } from './uids.ts';

const CATEGORY = toHex(categoryId(PATIENT, 'normal'));
const NOW_MS = BigInt(EXPIRES_MS) - 1_000n;
const TIP = { nowMs: NOW_MS, height: 9n, readOpenHeights: 1n };

const setsGuardians = (who: string): Asking => does(who, 'setGuardians', { parts: [] });
const requestsFor = (who: string, owner: string, members: readonly string[]): Asking =>
  does(who, 'requestGuardianship', {
    owner: idOf(owner),
    purpose: 'recovery',
    key: publicOf('a new device'),
    threshold: 1,
    members: members.map(idOf),
    salt: hash('salt') as Uint8Array,
  });

interface Asked {
  readonly owner?: string;
  readonly members?: readonly string[];
  readonly requester?: string;
  readonly status?: string;
  readonly maturesMs?: bigint | null;
}
const REQUEST = entity('Guardianship', 'one');
const LIST = ['a relative', 'a neighbour', 'a suspended relative'];
/** A request of a guardian, as the ledger gives it. */
const request = ({
  owner = PATIENT,
  members = LIST,
  requester = 'a relative',
  status = 'approved',
  maturesMs,
}: Asked) => ({
  uid: REQUEST,
  attributes: {
    owner: uid.patient(owner),
    members: setOf(members.map(uid.patient)),
    status,
    ...(maturesMs === null ? {} : { maturesMs: maturesMs ?? NOW_MS }),
  } as Readonly<Record<string, Value>>,
  parents: [uid.patient(requester)],
});
const decides = (principal: EntityUid, action: 'approveGuardianship' | 'vetoGuardianship', asked: Asked = {}): Asking =>
  asks({ principal, action, resource: REQUEST, entities: [request(asked)] });
const approves = (who: string, asked: Asked = {}): Asking => decides(uid.patient(who), 'approveGuardianship', asked);
const vetoes = (who: string, asked: Asked = {}): Asking => decides(uid.patient(who), 'vetoGuardianship', asked);
const fetches = (who: string, asked: Asked = {}): Asking =>
  asks({
    principal: uid.patient(who),
    action: 'fetchGuardianship',
    resource: REQUEST,
    context: TIP,
    entities: [request(asked)],
  });

const actor = (guardian: string, maturesMs: bigint) => ({
  uid: uid.patient(PATIENT),
  attributes: { acting: record({ guardian: uid.patient(guardian), maturesMs }) },
});
const acts = (
  who: string,
  {
    guardian = 'a relative',
    purpose = 'PATRQT',
    maturesMs = NOW_MS,
    on = 'first',
    appointed = true,
    under = 'guardian',
  } = {},
): Asking =>
  asks({
    principal: uid.patient(who),
    action: 'readRecord',
    resource: uid.record(on),
    context: { purpose, grantKey: `${under}:nobody:${CATEGORY}`, nowMs: NOW_MS },
    entities: appointed ? [actor(guardian, maturesMs)] : [],
  });
const lists = (
  who: string,
  { guardian = 'a relative', maturesMs = NOW_MS, appointed = true, of = PATIENT, action = 'viewRecords' } = {},
): Asking =>
  asks({
    principal: uid.patient(who),
    action,
    resource: uid.patient(of),
    context: TIP,
    entities: appointed ? [actor(guardian, maturesMs)] : [],
  });

const SET = permitted('patient-sets-guardians');
const ASKED = permitted('guardian-asks-for-patient');
const APPROVED = permitted('guardian-approves');
const VETOED = permitted('patient-vetoes-guardians');
const FETCHED = permitted('guardian-fetches-released-shares');
const ACTED = permitted('guardian-reads-for-patient');
const LISTED = permitted('guardian-lists-patients-records');

/** Guardians (F56): set, asked, approved, vetoed, released to, acting. */
export const GUARDIANS: readonly Case[] = [
  ['a patient chooses guardians', setsGuardians(PATIENT), SET],
  ['a suspended patient chooses no guardians', setsGuardians('a suspended patient'), denied()],
  ['a doctor chooses no guardians', setsGuardians('Dr A'), denied()],
  ['a hospital chooses no guardians', setsGuardians('hospital 1'), denied()],
  [
    "nobody chooses another's guardians",
    asks({ principal: uid.patient('a relative'), action: 'setGuardians', resource: uid.patient(PATIENT) }),
    denied(),
  ],

  ['one of the list asks for the patient', requestsFor('a relative', PATIENT, LIST), ASKED],
  ['who is not on the list asks for nobody', requestsFor('another patient', PATIENT, LIST), denied()],
  ['a suspended guardian asks for nobody', requestsFor('a suspended relative', PATIENT, LIST), denied()],
  ['nobody is guardian to oneself', requestsFor(PATIENT, PATIENT, [...LIST, PATIENT]), denied()],
  ['a doctor asks as nobody’s guardian', requestsFor('Dr A', PATIENT, [...LIST, 'Dr A']), denied()],
  ['nobody asks for a doctor', requestsFor('a relative', 'Dr A', LIST), denied()],
  ['nobody asks for who is not there', requestsFor('a relative', 'nobody at all', LIST), denied()],

  ['a guardian of the list approves', approves('a neighbour'), APPROVED],
  ['who is not on the list approves nothing', approves('another patient'), denied()],
  ['a suspended guardian approves nothing', approves('a suspended relative'), denied()],
  ['the patient does not approve what is about the patient', approves(PATIENT, { members: [PATIENT] }), denied()],
  [
    'a doctor approves nothing',
    decides(uid.practitioner('Dr A'), 'approveGuardianship', { members: ['Dr A'] }),
    denied(),
  ],
  [
    'nobody approves what was not asked for',
    does('a relative', 'approveGuardianship', { request: hash('nothing') }),
    erring(denied(), 'guardian-approves'),
  ],

  ['the patient objects', vetoes(PATIENT), VETOED],
  ['a suspended patient can still object', vetoes('a suspended patient', { owner: 'a suspended patient' }), VETOED],
  ['a guardian does not object for the patient', vetoes('a relative'), denied()],
  ['a doctor does not object for the patient', decides(uid.practitioner('Dr A'), 'vetoGuardianship', {}), denied()],
  [
    'nobody objects to what was not asked for',
    does(PATIENT, 'vetoGuardianship', { request: hash('nothing') }),
    erring(denied(), 'patient-vetoes-guardians'),
  ],

  ['who asked fetches the shares of a matured request', fetches('a relative'), FETCHED],
  ['nobody fetches shares before the request has matured', fetches('a relative', { maturesMs: NOW_MS + 1n }), denied()],
  ['nobody fetches shares before enough have approved', fetches('a relative', { status: 'open' }), denied()],
  ['nobody fetches shares of an approval without a time', fetches('a relative', { maturesMs: null }), denied()],
  ['nobody fetches shares after a veto', fetches('a relative', { status: 'vetoed' }), denied()],
  ['who approved fetches nothing', fetches('a neighbour'), denied()],
  [
    'a suspended guardian fetches nothing',
    fetches('a suspended relative', { requester: 'a suspended relative' }),
    denied(),
  ],
  [
    'a doctor fetches no shares of a request',
    asks({
      principal: uid.practitioner('Dr A'),
      action: 'fetchGuardianship',
      resource: REQUEST,
      context: TIP,
      entities: [{ ...request({}), parents: [uid.practitioner('Dr A')] }],
    }),
    denied(),
  ],
  [
    'an unsigned request fetches nothing',
    sees(null, 'fetchGuardianship', { type: 'Guardianship', id: hash('nothing') }),
    erring(denied()),
  ],

  ['a guardian reads for the patient', acts('a relative'), ACTED],
  [
    'a guardian reads nothing before the approval has matured',
    acts('a relative', { maturesMs: NOW_MS + 1n }),
    denied(),
  ],
  ['a guardian of nobody reads nothing', acts('a relative', { appointed: false }), denied()],
  ['another than the guardian reads nothing', acts('another patient'), denied()],
  [
    'a guardian reads at the request of the patient, and for nothing else',
    acts('a relative', { purpose: 'TREAT' }),
    denied(),
  ],
  ['what a grant is asked for is not read as a guardian', acts('a relative', { under: 'role' }), denied()],
  ['a suspended guardian reads nothing', acts('a suspended relative', { guardian: 'a suspended relative' }), denied()],
  ['a guardian reads no shredded record', acts('a relative', { on: 'shredded' }), denied()],

  ['a guardian lists the records of the patient', lists('a relative'), LISTED],
  [
    'a guardian lists nothing before the approval has matured',
    lists('a relative', { maturesMs: NOW_MS + 1n }),
    denied(),
  ],
  ['another than the guardian lists nothing', lists('another patient'), denied()],
  ['who guards nobody lists nothing', lists('a relative', { appointed: false }), denied()],
  ['a suspended guardian lists nothing', lists('a suspended relative', { guardian: 'a suspended relative' }), denied()],
  ['a guardian sees no trail of the patient', lists('a relative', { action: 'viewAudit' }), denied()],
  ['a guardian lists the records of nobody else', lists('a relative', { of: 'another patient' }), denied()],
  [
    'nobody lists the records of a patient without a guardian',
    sees('a relative', 'viewRecords', participant(PATIENT)),
    denied(),
  ],
];

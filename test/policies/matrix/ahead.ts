import { toHex } from '../../../src/base/bytes.ts';
import { type EntityUid, entity, record, setOf, type Value } from '../../../src/vm/index.ts';
import { asks, type Case, denied, permitted } from '../case.ts';
import { categoryId, EXPIRES_MS, PATIENT } from '../names.ts';
import { uid } from './uids.ts';

/** What no ledger row gives yet: entities that the schema allows, laid over the state. */

const PAYER = entity('Payer', 'the insurer');
const CATEGORY = toHex(categoryId(PATIENT, 'normal'));
const NOW_MS = BigInt(EXPIRES_MS) - 1_000n;

const payer = (status = 'active') => ({
  uid: PAYER,
  attributes: { role: 'payer', status, home: uid.hospital(1) },
  parents: [uid.hospital(1)],
});
const tagged = (grantee: string, change: Readonly<Record<string, Value>> = {}) => ({
  uid: uid.patient(PATIENT),
  tags: {
    [`${grantee}:${CATEGORY}`]: record({
      purposes: setOf(['HPAYMT', 'TREAT']),
      access: 'read',
      expires: BigInt(EXPIRES_MS),
      usesLeft: -1n,
      epochFrom: 1n,
      epochTo: 1n,
      ...change,
    }),
  },
});

interface Bill {
  readonly purpose?: string;
  readonly grantee?: string;
  readonly record?: string;
  readonly status?: string;
  readonly nowMs?: bigint;
  readonly grant?: Readonly<Record<string, Value>>;
  readonly granted?: boolean;
  readonly by?: EntityUid;
}
const pays = (bill: Bill = {}) => {
  const { purpose = 'HPAYMT', grantee = 'person:insurer', record: name = 'second', nowMs = NOW_MS } = bill;
  return asks({
    principal: bill.by ?? PAYER,
    action: 'readRecord',
    resource: uid.record(name),
    context: { purpose, grantKey: `${grantee}:${CATEGORY}`, nowMs },
    entities: [payer(bill.status), ...(bill.granted === false ? [] : [tagged(grantee, bill.grant)])],
  });
};

const REVIEW = entity('Review', 'one');
const closes = (principal: EntityUid, status = 'open') =>
  asks({
    principal,
    action: 'closeReview',
    resource: REVIEW,
    entities: [
      {
        uid: REVIEW,
        attributes: { owner: uid.patient(PATIENT), reader: uid.practitioner('Dr A'), desk: uid.hospital(2), status },
      },
    ],
  });
const breaksGlass = (openReviews: bigint, purpose = 'BTG', who = 'Dr at a desk', desk = 2) =>
  asks({
    principal: uid.practitioner(who),
    action: 'readRecord',
    resource: uid.record('first'),
    context: { purpose, grantKey: `hospital:${uid.hospital(desk).id}:${CATEGORY}`, nowMs: NOW_MS, openReviews },
  });

const acts = (
  who: string,
  { guardian = 'a relative', purpose = 'PATRQT', maturesMs = NOW_MS, on = 'first', appointed = true } = {},
) =>
  asks({
    principal: uid.patient(who),
    action: 'readRecord',
    resource: uid.record(on),
    context: { purpose, grantKey: `person:nobody:${CATEGORY}`, nowMs: NOW_MS },
    entities: appointed
      ? [{ uid: uid.patient(PATIENT), attributes: { acting: record({ guardian: uid.patient(guardian), maturesMs }) } }]
      : [],
  });

const PAID = permitted('payer-reads-under-payment-grant');
const CLOSED = permitted('other-hospital-closes-review');
const ACTED = permitted('guardian-reads-for-patient');

/** Insurers (F49), reviews of break-glass (F50), guardians and executors (F56). */
export const AHEAD: readonly Case[] = [
  ['an insurer reads for payment under a grant', pays(), PAID],
  ['an insurer reads under a read-write grant', pays({ grant: { access: 'read-write' } }), PAID],
  ['an insurer reads nothing under a write grant', pays({ grant: { access: 'write' } }), denied()],
  ['an insurer reads nothing for treatment, whatever the grant says', pays({ purpose: 'TREAT' }), denied()],
  [
    'an insurer reads nothing where the grant is for treatment',
    pays({ grant: { purposes: setOf(['TREAT']) } }),
    denied(),
  ],
  ['an insurer reads nothing without a grant', pays({ granted: false }), denied()],
  ['an insurer reads under a grant to itself, not to a hospital', pays({ grantee: 'hospital:1' }), denied()],
  ['a suspended insurer reads nothing', pays({ status: 'suspended' }), denied()],
  ['an insurer reads no shredded record', pays({ record: 'shredded', grant: { epochTo: 9n } }), denied()],
  ['an insurer reads up to the last millisecond', pays({ nowMs: BigInt(EXPIRES_MS) - 1n }), PAID],
  ['an insurer reads nothing when the grant has ended', pays({ nowMs: BigInt(EXPIRES_MS) }), denied()],
  ['an insurer whose uses are spent reads nothing', pays({ grant: { usesLeft: 0n } }), denied()],
  ['an insurer reads nothing before the first epoch of the grant', pays({ record: 'first' }), denied()],
  ['an insurer reads nothing after the last epoch of the grant', pays({ record: 'third' }), denied()],
  [
    'an administrator is no insurer',
    pays({ by: entity('Administrator', uid.patient('an administrator').id) }),
    denied(),
  ],

  [
    'a doctor breaks glass while fewer than three reviews are open',
    breaksGlass(2n),
    permitted('practitioner-breaks-glass'),
  ],
  ['a doctor with three open reviews breaks no glass', breaksGlass(3n), denied('break-glass-waits-for-reviews')],
  [
    'open reviews do not stand in the way of treatment',
    breaksGlass(3n, 'TREAT', 'Dr in a ward', 3),
    permitted('practitioner-reads-under-grant'),
  ],
  ['a third hospital closes a review', closes(uid.hospital(3)), CLOSED],
  ['the desk does not close a review of its own', closes(uid.hospital(2)), denied()],
  ["a doctor's hospital does not close a review of that doctor", closes(uid.hospital(1)), denied()],
  ['a suspended hospital closes no review', closes(uid.hospital(7)), denied()],
  ['a review is closed once', closes(uid.hospital(3), 'closed'), denied()],
  ['a doctor closes no review', closes(uid.practitioner('Dr in a ward')), denied()],

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
  ['a suspended guardian reads nothing', acts('a suspended relative', { guardian: 'a suspended relative' }), denied()],
  ['a guardian reads no shredded record', acts('a relative', { on: 'shredded' }), denied()],
];

import { toHex } from '../../../src/base/bytes.ts';
import type { ViewResource } from '../../../src/ledger/authorize.ts';
import { type EntityUid, entity, record, setOf } from '../../../src/vm/index.ts';
import { hospitalName } from '../../ledger/town.ts';
import { asks, type Case, denied, does, erring, permitted, sees } from '../case.ts';
import { categoryId, EXPIRES_MS, PATIENT } from '../names.ts';
import type { World } from '../world.ts';
import { uid } from './uids.ts';

const CATEGORY = toHex(categoryId(PATIENT, 'normal'));
const NOW_MS = BigInt(EXPIRES_MS) - 1_000n;

/** With so many reviews open, of the reader and of the desk. */
const breaksGlass = (reader: bigint, desk: bigint) =>
  asks({
    principal: uid.practitioner('Dr at a desk'),
    action: 'readRecord',
    resource: uid.record('first'),
    context: {
      purpose: 'BTG',
      grantKey: `desk:${uid.hospital(2).id}:${CATEGORY}`,
      nowMs: NOW_MS,
      openReviews: record({ reader, desk }),
    },
  });
const treats = (reader: bigint) =>
  asks({
    principal: uid.practitioner('Dr in a ward'),
    action: 'readRecord',
    resource: uid.record('first'),
    context: {
      purpose: 'TREAT',
      grantKey: `hospital:${uid.hospital(3).id}:${CATEGORY}`,
      nowMs: NOW_MS,
      openReviews: record({ reader, desk: 0n }),
    },
  });
/** The ledger asks no ordinary grant for break-glass; were it asked, its key would not do. */
const breaksGlassUnder = (grantKey: string) =>
  asks({
    principal: uid.practitioner('Dr of every purpose'),
    action: 'readRecord',
    resource: uid.record('first'),
    context: { purpose: 'BTG', grantKey: `${grantKey}:${CATEGORY}`, nowMs: NOW_MS },
  });

/** Under the desk's own key; the ledger asks it for break-glass alone, and lets no grant to a desk name anything else. */
const atDesk = (purpose: string, purposes: readonly string[]) =>
  asks({
    principal: uid.practitioner('Dr at a desk'),
    action: 'readRecord',
    resource: uid.record('first'),
    context: { purpose, grantKey: `desk:${uid.hospital(2).id}:${CATEGORY}`, nowMs: NOW_MS },
    entities: [
      {
        uid: uid.patient(PATIENT),
        tags: {
          [`desk:${uid.hospital(2).id}:${CATEGORY}`]: record({
            purposes: setOf([...purposes]),
            access: 'read',
            expires: BigInt(EXPIRES_MS),
            usesLeft: -1n,
            epochFrom: 0n,
            epochTo: 2n,
          }),
        },
      },
    ],
  });

const READ = (world: World) => world.transaction('Dr at a desk reads first');
const closes = (who: string) => does(who, 'closeReview', (world) => ({ read: READ(world), finding: 'justified' }));
const CLOSED_ONE = entity('Review', 'closed');
const closesAgain = (status: string, reader: string) => (principal: EntityUid) =>
  asks({
    principal,
    action: 'closeReview',
    resource: CLOSED_ONE,
    entities: [
      {
        uid: CLOSED_ONE,
        attributes: { owner: uid.patient(PATIENT), reader: uid.practitioner(reader), desk: uid.hospital(2), status },
      },
    ],
  });
const publishes = (who: string) => does(who, 'publishDeskKey', (world) => world.deskKey(who, `another desk of ${who}`));
const reviewOf = (world: World): ViewResource => ({ type: 'Review', id: READ(world) });

const BROKEN = permitted('practitioner-breaks-glass');
const CLOSED = permitted('other-hospital-closes-review');
const SEEN = permitted('review-is-seen-by-those-concerned');

/** Emergency desks, and the reviews of what was opened there (F50). */
export const REVIEWS: readonly Case[] = [
  ['a hospital publishes the key of its desk', publishes(hospitalName(3)), permitted('hospital-publishes-desk-key')],
  ['a suspended hospital publishes no desk key', publishes(hospitalName(7)), denied()],
  ['a doctor publishes no desk key', publishes('Dr A'), denied()],
  [
    'a hospital publishes no key for the desk of another',
    asks({ principal: uid.hospital(3), action: 'publishDeskKey', resource: uid.hospital(2) }),
    denied(),
  ],

  ['a doctor breaks glass while fewer than three reviews of hers are open', breaksGlass(2n, 2n), BROKEN],
  ['a doctor with three open reviews breaks no glass', breaksGlass(3n, 3n), denied('break-glass-waits-for-reviews')],
  ['a desk is open while fewer than twelve of its reviews are', breaksGlass(0n, 11n), BROKEN],
  ['a desk with twelve open reviews is shut', breaksGlass(0n, 12n), denied('break-glass-waits-for-reviews')],
  ['open reviews do not stand in the way of treatment', treats(3n), permitted('practitioner-reads-under-grant')],
  [
    'no glass is broken under a grant to a person, were it asked',
    breaksGlassUnder(`person:${uid.practitioner('Dr of every purpose').id}`),
    denied(),
  ],
  ['no glass is broken under a grant to a role, were it asked', breaksGlassUnder('role:practitioner'), denied()],

  ['a desk that was granted break-glass opens for it', atDesk('BTG', ['BTG']), BROKEN],
  ['a desk opens nothing for another purpose, were it asked', atDesk('FAMRQT', ['BTG']), denied()],
  ['a desk that was granted another purpose breaks no glass', atDesk('BTG', ['TREAT']), denied()],

  ['a third hospital closes a review', closes(hospitalName(3)), CLOSED],
  ['the desk does not close a review of its own', closes(hospitalName(2)), denied()],
  [
    'the desk does not close a review of a doctor from elsewhere',
    closesAgain('open', 'Dr A')(uid.hospital(2)),
    denied(),
  ],
  [
    "a doctor's hospital does not close a review of that doctor",
    closesAgain('open', 'Dr A')(uid.hospital(1)),
    denied(),
  ],
  ['a suspended hospital closes no review', closes(hospitalName(7)), denied()],
  ['a review is closed once', closesAgain('closed', 'Dr at a desk')(uid.hospital(3)), denied()],
  ['a doctor closes no review', closes('Dr in a ward'), denied()],
  ['an administrator closes no review', closes('an administrator'), denied()],
  [
    'nobody closes a review that is not there',
    does(hospitalName(3), 'closeReview', { read: new Uint8Array(32) as never, finding: 'justified' }),
    erring(denied(), 'other-hospital-closes-review'),
  ],

  [
    'a hospital sees what waits for review',
    sees('hospital 3', 'viewReviews', { type: 'Consortium' }),
    permitted('hospitals-see-reviews'),
  ],
  ['a suspended hospital sees no reviews', sees('hospital 7', 'viewReviews', { type: 'Consortium' }), denied()],
  ['a doctor sees no list of reviews', sees('Dr A', 'viewReviews', { type: 'Consortium' }), denied()],
  ['a stranger sees no list of reviews', sees(null, 'viewReviews', { type: 'Consortium' }), denied()],

  ['a patient sees the review of a read of the own record', sees(PATIENT, 'viewReview', reviewOf), SEEN],
  ['a doctor sees the own review', sees('Dr at a desk', 'viewReview', reviewOf), SEEN],
  ['a hospital sees a review', sees('hospital 3', 'viewReview', reviewOf), SEEN],
  ['a suspended hospital sees no review', sees('hospital 7', 'viewReview', reviewOf), denied()],
  ['another patient sees no review', sees('another patient', 'viewReview', reviewOf), denied()],
  ['another doctor sees no review', sees('Dr A', 'viewReview', reviewOf), denied()],
  ['an administrator sees no review', sees('an administrator', 'viewReview', reviewOf), denied()],
];

import { toHex } from '../../../src/base/bytes.ts';
import { record, setOf } from '../../../src/vm/index.ts';
import { type Asking, asks, type Case, denied, permitted, sees } from '../case.ts';
import { categoryId, EXPIRES_MS, PATIENT, person } from '../names.ts';
import { participant } from './acts.ts';
import { uid } from './uids.ts';

/** The patient's index is searched, by the grant to who asks, where the API finds one. */
const grantKeyOfAsker = (who: string) => `person:${person(who).id}:${toHex(categoryId(PATIENT, 'normal'))}`;
const searches = (who: string, whose = PATIENT): Asking =>
  sees(who, 'search', participant(whose), { grantKey: grantKeyOfAsker(who) });
const searchesAt = (nowMs: number): Asking =>
  asks({
    principal: uid.practitioner('Dr A'),
    action: 'search',
    resource: uid.patient(PATIENT),
    context: { grantKey: grantKeyOfAsker('Dr A'), nowMs: BigInt(nowMs), height: 1n, readOpenHeights: 20n },
  });
/** A doctor's account with a grant on it, which no doctor can make: the schema knows tags of any person. */
const searchesADoctor = asks({
  principal: uid.practitioner('Dr A'),
  action: 'search',
  resource: uid.practitioner('Dr Writer'),
  context: { grantKey: grantKeyOfAsker('Dr A'), nowMs: 0n, height: 1n, readOpenHeights: 20n },
  entities: [
    {
      uid: uid.practitioner('Dr Writer'),
      tags: {
        [grantKeyOfAsker('Dr A')]: record({
          purposes: setOf(['TREAT']),
          access: 'read',
          expires: 1n,
          usesLeft: -1n,
          epochFrom: 0n,
          epochTo: 0n,
        }),
      },
    },
  ],
});
const INDEXED = permitted('patient-indexes-and-searches');
const BY_TRAPDOOR = permitted('grantee-searches-with-trapdoor');

/** Who leaves a patient's encrypted search index at a hospital, and who has a trapdoor matched in it. */
export const SEARCH: readonly Case[] = [
  ['a patient leaves the own search index', sees(PATIENT, 'storeIndex', participant(PATIENT)), INDEXED],
  ['a patient searches the own index', searches(PATIENT), INDEXED],
  [
    'a suspended patient leaves no search index',
    sees('a suspended patient', 'storeIndex', participant('a suspended patient')),
    denied(),
  ],
  ["a patient leaves no index of another's", sees('another patient', 'storeIndex', participant(PATIENT)), denied()],
  ["a patient searches no other's index", searches('another patient'), denied()],
  ['a doctor leaves no index of the own account', sees('Dr A', 'storeIndex', participant('Dr A')), denied()],
  ["a doctor leaves no index of a patient's", sees('Dr A', 'storeIndex', participant(PATIENT)), denied()],
  [
    "the home hospital leaves no index of a patient's",
    sees('hospital 1', 'storeIndex', participant(PATIENT)),
    denied(),
  ],
  ['a doctor searches under a read grant', searches('Dr A'), BY_TRAPDOOR],
  ['a doctor searches under a grant to read and write', searches('Dr who reads and writes'), BY_TRAPDOOR],
  ['a doctor searches while uses are left', searches('Dr Twice'), BY_TRAPDOOR],
  ['a doctor does not search under a write grant', searches('Dr Writer'), denied()],
  ['a doctor does not search without a grant', searches('Dr without a grant'), denied()],
  ['a doctor does not search once all uses are spent', searches('Dr Once'), denied()],
  ['a doctor does not search once the grant is revoked', searches('Dr Revoked'), denied()],
  ['a suspended doctor does not search', searches('Dr Suspended'), denied()],
  ['a doctor of a suspended hospital does not search', searches('Dr of a barred hospital'), denied()],
  ['a relative does not search, whatever was granted', searches('a relative'), denied()],
  ["a patient's hospital does not search", searches('hospital 1'), denied()],
  ['a stranger does not search', searches('a stranger'), denied()],
  ["a doctor searches no colleague's account", searchesADoctor, denied()],
  ['a doctor searches until the grant expires', searchesAt(EXPIRES_MS - 1), BY_TRAPDOOR],
  ['a doctor does not search from then on', searchesAt(EXPIRES_MS), denied()],
];

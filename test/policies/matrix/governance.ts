import { entity, type Value } from '../../../src/vm/index.ts';
import { keyName } from '../../ledger/governance/council.ts';
import { hospitalName, idOf } from '../../ledger/town.ts';
import { asks, type Case, denied, does, permitted } from '../case.ts';
import { PATIENT } from '../names.ts';
import type { World } from '../world.ts';
import { uid } from './uids.ts';

const proposes = (who: string, change: string, value: object | ((world: World) => object)) =>
  does(who, 'propose', (world) => {
    const made = typeof value === 'function' ? (value as (world: World) => object)(world) : value;
    return { change, value: made as Record<string, unknown> };
  });
const votes = (who: string, on: string, choice: 'yes' | 'no' = 'yes') =>
  does(who, 'vote', (world) => ({ proposal: world.transaction(on), choice }));
const standing = (n: number, status: string) => ({ hospital: idOf(hospitalName(n)), status });
const tier = (n: number, to: string) => ({ hospital: idOf(hospitalName(n)), tier: to });
const newKey =
  (n: number, key = `a new key of ${n}`) =>
  (world: World) =>
    world.keyChange(n, key, world.height + 50);
const removal = (n: number) => (world: World) => world.removal(n, world.height + 50);
const PACE = { name: 'blockIntervalMs', value: 500 };

const PROPOSED = permitted('hospital-proposes');
const VOTED = permitted('validator-votes');
const CONSORTIUM = entity('Consortium', 'consortium');
const proposal = (context: Readonly<Record<string, Value>>) =>
  asks({ principal: uid.hospital(1), action: 'propose', resource: CONSORTIUM, context });

/** Who puts what to the vote, and who votes (F4, F5, F17). */
export const GOVERNANCE: readonly Case[] = [
  ['a validating hospital proposes', proposes('hospital 1', 'setParameter', PACE), PROPOSED],
  ['a hospital that only follows proposes', proposes('hospital 6', 'setParameter', PACE), PROPOSED],
  [
    'a hospital proposes to suspend another',
    proposes('hospital 1', 'setHospitalStatus', standing(3, 'suspended')),
    PROPOSED,
  ],
  ['a hospital proposes to remove a validator', proposes('hospital 1', 'removeValidator', removal(2)), PROPOSED],
  ['a suspended hospital proposes nothing', proposes('hospital 7', 'setParameter', PACE), denied()],
  [
    'a suspended hospital does not propose its own reinstatement',
    proposes('hospital 7', 'setHospitalStatus', standing(7, 'active')),
    denied(),
  ],
  ['a doctor proposes nothing', proposes('Dr A', 'setParameter', PACE), denied()],
  ['an administrator proposes nothing', proposes('an administrator', 'setParameter', PACE), denied()],
  ['a patient proposes nothing', proposes(PATIENT, 'setParameter', PACE), denied()],

  [
    'a validator proposes a new key of its own',
    proposes('hospital 2', 'rotateValidatorKey', newKey(2)),
    permitted('hospital-proposes', 'hospital-proposes-own-new-key'),
  ],
  [
    'a suspended validator proposes a new key of its own',
    proposes('hospital 4', 'rotateValidatorKey', newKey(4)),
    permitted('hospital-proposes-own-new-key'),
  ],
  [
    "a suspended validator proposes no other's key",
    proposes('hospital 4', 'rotateValidatorKey', newKey(2)),
    denied('keys-come-from-their-hospital'),
  ],
  ['a suspended hospital proposes no key to join with', proposes('hospital 7', 'addValidator', newKey(7)), denied()],
  [
    'a suspended validator proposes no removal, not even its own',
    proposes('hospital 4', 'removeValidator', removal(4)),
    denied(),
  ],
  [
    "nobody proposes another's new key",
    proposes('hospital 1', 'rotateValidatorKey', newKey(2)),
    denied('keys-come-from-their-hospital'),
  ],
  [
    "nobody proposes another's key to join with",
    proposes('hospital 1', 'addValidator', newKey(6, keyName(6))),
    denied('community-hospitals-do-not-validate', 'keys-come-from-their-hospital'),
  ],
  [
    'a key change that names no hospital is no forbidden one',
    proposes('hospital 1', 'rotateValidatorKey', {}),
    PROPOSED,
  ],
  [
    'a suspended hospital proposes no key change that names no hospital',
    proposes('hospital 7', 'rotateValidatorKey', {}),
    denied(),
  ],
  [
    'a person proposes no key of a hospital',
    proposes('an administrator', 'rotateValidatorKey', newKey(1)),
    denied('keys-come-from-their-hospital'),
  ],

  ['a validator votes', votes('hospital 1', 'a new pace'), VOTED],
  ['a validator votes against', votes('hospital 1', 'a new pace', 'no'), VOTED],
  [
    'a validator votes on what is not there',
    does('hospital 1', 'vote', { proposal: new Uint8Array(32) as never, choice: 'yes' }),
    VOTED,
  ],
  ['a hospital votes as soon as it validates', votes('hospital 5', 'a new pace'), VOTED],
  ['a hospital that does not validate has no vote', votes('hospital 6', 'a new pace'), denied()],
  ['a suspended validator has no vote', votes('hospital 4', 'a new pace'), denied()],
  ['a doctor has no vote', votes('Dr A', 'a new pace'), denied()],

  [
    'a community hospital proposes no key to join with',
    proposes('hospital 6', 'addValidator', newKey(6, keyName(6))),
    denied('community-hospitals-do-not-validate'),
  ],
  [
    'nobody votes for a community hospital to validate',
    votes('hospital 1', 'to join the validators'),
    denied('community-hospitals-do-not-validate'),
  ],
  [
    'a hospital of another tier proposes a key to join with',
    proposes('hospital 3', 'addValidator', newKey(3)),
    PROPOSED,
  ],
  [
    'a community hospital is proposed for another tier',
    proposes('hospital 1', 'setHospitalTier', tier(6, 'secondary')),
    PROPOSED,
  ],
  ['validators vote on the tier of a community hospital', votes('hospital 1', 'to make 6 a secondary hospital'), VOTED],
  ['a hospital joins without a validator key, whatever its tier', votes('hospital 1', 'to admit hospital 9'), VOTED],
  [
    'a key to join with that names no hospital is no forbidden one',
    proposes('hospital 1', 'addValidator', {}),
    PROPOSED,
  ],
  [
    'a tier for a hospital that is not there is no forbidden one',
    proposes('hospital 1', 'setHospitalTier', tier(50, 'community')),
    PROPOSED,
  ],
  [
    "a key for a hospital that is not there is forbidden as another's",
    proposes('hospital 1', 'addValidator', newKey(50)),
    denied('keys-come-from-their-hospital'),
  ],
  [
    'nobody proposes to make a validator a community hospital',
    proposes('hospital 1', 'setHospitalTier', tier(2, 'community')),
    denied('validators-are-no-community-hospitals'),
  ],
  [
    'nobody votes to make a validator a community hospital',
    votes('hospital 1', 'to make 5 a community hospital'),
    denied('validators-are-no-community-hospitals'),
  ],
  [
    'a validator may change between the other tiers',
    proposes('hospital 1', 'setHospitalTier', tier(2, 'secondary')),
    PROPOSED,
  ],
  [
    'a hospital that does not validate may become a community hospital',
    proposes('hospital 1', 'setHospitalTier', tier(6, 'community')),
    PROPOSED,
  ],
  [
    'a tier without a hospital is no forbidden one',
    proposal({ change: 'setHospitalTier', tier: 'community' }),
    PROPOSED,
  ],
  [
    'a hospital without a tier is no forbidden one',
    proposal({ change: 'setHospitalTier', hospital: uid.hospital(2) }),
    PROPOSED,
  ],
  [
    'a change of status that speaks of a tier is none of the tier',
    proposal({ change: 'setHospitalStatus', hospital: uid.hospital(2), tier: 'community' }),
    PROPOSED,
  ],
];

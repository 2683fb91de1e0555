import { type Entity, type EntityUid, entity, type Value } from '../../vm/index.ts';
import { CONSORTIUM } from '../principal.ts';
import { TIERS } from '../vocabulary.ts';

/**
 * The questions that the consortium's policies must permit for ever (T-53): changing the policies, and replacing a stolen key. With
 * each, the one who asks, in every standing that matters; his id is nobody's.
 */
export interface Question {
  readonly principal: EntityUid;
  readonly action: 'propose' | 'vote' | 'rotateKey';
  readonly resource: EntityUid;
  readonly context: Readonly<Record<string, Value>>;
  readonly attributes: ReadonlyMap<string, Value>;
  readonly parents: Entity['parents'];
}

export const INALIENABLE_ACTIONS = ['propose', 'vote', 'rotateKey'] as const;

/** An id that a policy cannot name: those that could decide here name nobody. */
const ANYBODY = '00'.repeat(20);
const ANOTHER = 'ff'.repeat(20);
const HOSPITAL = entity('Hospital', ANYBODY);

type Asked = Pick<Question, 'action' | 'resource' | 'context'>;

const hospitalsAsking = (
  statuses: readonly string[],
  validating: readonly boolean[],
  asked: Asked,
): readonly Question[] =>
  statuses.flatMap((status) =>
    validating.flatMap((validator) =>
      TIERS.map((tier) => ({
        ...asked,
        principal: HOSPITAL,
        attributes: new Map<string, Value>(Object.entries({ status, tier, validator })),
        parents: [],
      })),
    ),
  );

const personAsking = (type: string, role: string, status: string): Question => {
  const principal = entity(type, ANYBODY);
  const home = entity('Hospital', ANOTHER);
  const attributes = new Map<string, Value>(Object.entries({ role, status, home }));
  return { principal, action: 'rotateKey', resource: principal, context: {}, attributes, parents: [home] };
};

const PERSONS = [
  ['Patient', 'patient'],
  ['Practitioner', 'practitioner'],
  ['Administrator', 'administrator'],
  ['Payer', 'payer'],
] as const;

const onConsortium = (action: 'propose' | 'vote', context: Question['context']): Asked => ({
  action,
  resource: CONSORTIUM,
  context,
});
const REPEAL = { change: 'changePolicies' };
const ownKey = (hospital: string) => ({ change: 'rotateValidatorKey', hospital: entity('Hospital', hospital) });

export const INALIENABLE: readonly Question[] = [
  // Any active validator, of whatever tier, proposes a change of the policies, and votes on it as it likes.
  ...hospitalsAsking(['active'], [true], onConsortium('propose', REPEAL)),
  ...['yes', 'no'].flatMap((choice) =>
    hospitalsAsking(['active'], [true], onConsortium('vote', { ...REPEAL, choice })),
  ),
  // A validator asks for a new key of its own, suspended too, and the others may grant it.
  ...hospitalsAsking(['active', 'suspended'], [true], onConsortium('propose', ownKey(ANYBODY))),
  ...[ANYBODY, ANOTHER].flatMap((hospital) =>
    hospitalsAsking(['active'], [true], onConsortium('vote', { ...ownKey(hospital), choice: 'yes' })),
  ),
  // Every account moves to a new key, whatever its standing.
  ...hospitalsAsking(['active', 'suspended'], [true, false], { action: 'rotateKey', resource: HOSPITAL, context: {} }),
  ...PERSONS.flatMap(([type, role]) =>
    ['pending', 'active', 'suspended'].map((status) => personAsking(type, role, status)),
  ),
];

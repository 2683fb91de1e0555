import { toHex } from '../base/bytes.ts';
import { type Entity, type EntityReader, type EntityUid, record, setOf, type Value } from '../vm/index.ts';
import type { LedgerEnv } from './chain.ts';
import { actionEntity, schemaOf } from './policy/schema-of.ts';
import { hospitalUid, recordUid, uidOf } from './principal.ts';
import { reviews } from './state/desk-tables.ts';
import { actingGuardians, guardianships } from './state/guardian-tables.ts';
import type { StateReader } from './state/table.ts';
import {
  delegatingKeys,
  type GrantRow,
  grants,
  hospitals,
  participants,
  reads,
  records,
  requests,
} from './state/tables.ts';
import { validatorsOf } from './validator-sets.ts';

/**
 * The state as Cedar sees it. An entity reads its row when a policy asks, and a grant only when its tag is named: a million
 * records or grants cost nothing. docs/specification/entities.md lists every attribute.
 */
export const entitiesOf = (env: LedgerEnv, state: StateReader): EntityReader => ({
  entity: (uid) => {
    if (uid.type === 'Action') return actionEntity(schemaOf(env), uid);
    const read = ENTITY_TYPES.get(uid.type);
    return read === undefined ? undefined : read(state, uid.id, env);
  },
});

type ReadEntity = (state: StateReader, id: string, env: LedgerEnv) => Entity | undefined;

const NO_TAG = (): undefined => undefined;

const plain = (attributes: Readonly<Record<string, Value>>, parents: readonly EntityUid[] = []): Entity => {
  const map = new Map(Object.entries(attributes));
  return { parents, attribute: (name) => map.get(name), tag: NO_TAG };
};

const person: ReadEntity = (state, id) => {
  const row = participants.get(state, id);
  if (row === undefined) return undefined;
  const home = hospitalUid(row.home);
  const attributes = new Map<string, Value>([
    ['role', row.role],
    ['status', row.status],
    ['home', home],
  ]);
  return {
    parents: [home],
    attribute: (name) => (name === 'acting' ? actingValue(state, id) : attributes.get(name)),
    tag: (grantKey) => {
      const grant = grants.get(state, id, grantKey);
      return grant === undefined ? undefined : grantValue(grant);
    },
  };
};

/** Who acts for a patient, read only when a policy asks. An attribute is of one type: who is no patient of the chain acts for nobody. */
function actingValue(state: StateReader, id: string): Value | undefined {
  const acting = actingGuardians.get(state, id);
  const guardian = acting === undefined ? undefined : uidOf(state, acting.guardian);
  if (acting === undefined || guardian?.type !== 'Patient') return undefined;
  return record({ guardian, maturesMs: BigInt(acting.maturesMs) });
}

/** What a policy reads of a grant (CHAIN.md, "Policy and gas"). `usesLeft` is −1 where uses are not counted. */
const grantValue = (grant: GrantRow): Value =>
  record({
    purposes: setOf([...grant.purposes]),
    access: grant.access,
    expires: BigInt(grant.expires),
    usesLeft: grant.usesLeft === null ? -1n : BigInt(grant.usesLeft),
    epochFrom: BigInt(grant.epochFrom),
    epochTo: BigInt(grant.epochTo),
  });

/** Whether it validates is read only when a policy asks: most ask for the status alone. */
const hospital: ReadEntity = (state, id, env) => {
  const row = hospitals.get(state, id);
  if (row === undefined) return undefined;
  const known = plain({ status: row.status, tier: row.record.tier });
  const validates = (): boolean => validatorsOf(env, state).some((validator) => toHex(validator.id) === id);
  return { ...known, attribute: (name) => (name === 'validator' ? validates() : known.attribute(name)) };
};

/**
 * An attribute has one type, so `author` is there where a practitioner wrote the record: without one the owner did (F41). The label
 * stands with the category's current key, and is read only when a policy asks.
 */
const recordEntity: ReadEntity = (state, id) => {
  const row = records.get(state, id);
  if (row === undefined) return undefined;
  const owner = uidOf(state, row.owner);
  const author = uidOf(state, row.author);
  if (owner === undefined || author === undefined) return undefined;
  const category = toHex(row.category);
  const written = author.type === 'Practitioner' ? { author } : {};
  const known = plain({ owner, ...written, status: row.status, epoch: BigInt(row.epoch), category });
  const label = (): Value | undefined => delegatingKeys.get(state, toHex(row.owner), category)?.label;
  return { ...known, attribute: (name) => (name === 'label' ? label() : known.attribute(name)) };
};

/** A read belongs to its reader, whatever the reader's role: parents may be of several types, an attribute is of one. */
const readEntity: ReadEntity = (state, id) => {
  const row = reads.get(state, id);
  if (row === undefined) return undefined;
  const reader = uidOf(state, row.reader);
  const owner = uidOf(state, row.owner);
  if (reader === undefined || owner === undefined) return undefined;
  return plain({ owner, height: BigInt(row.height), record: recordUid(row.record) }, [reader]);
};

const request: ReadEntity = (state, id) => {
  const row = requests.get(state, id);
  if (row === undefined) return undefined;
  const requester = uidOf(state, row.requester);
  const owner = uidOf(state, row.owner);
  return requester === undefined || owner === undefined ? undefined : plain({ requester, owner });
};

/** Whoever breaks the glass is a practitioner: policies let nobody else, and an attribute is of one type. */
const review: ReadEntity = (state, id) => {
  const row = reviews.get(state, id);
  if (row === undefined) return undefined;
  const owner = uidOf(state, row.owner);
  const reader = uidOf(state, row.reader);
  if (owner === undefined || reader === undefined) return undefined;
  return plain({ owner, reader, desk: hospitalUid(row.desk), status: row.status });
};

/** A request of a guardian is in who made it. Its members are those of the list who are patients of the chain. */
const guardianship: ReadEntity = (state, id) => {
  const row = guardianships.get(state, id);
  if (row === undefined) return undefined;
  const owner = uidOf(state, row.owner);
  const requester = uidOf(state, row.requester);
  if (owner === undefined || requester === undefined) return undefined;
  const members = row.members.flatMap((member) => uidOf(state, member) ?? []).filter(({ type }) => type === 'Patient');
  const matures = row.maturesMs === null ? {} : { maturesMs: BigInt(row.maturesMs) };
  return plain({ owner, members: setOf(members), status: row.status, ...matures }, [requester]);
};

const ENTITY_TYPES: ReadonlyMap<string, ReadEntity> = new Map<string, ReadEntity>([
  ['Patient', person],
  ['Practitioner', person],
  ['Administrator', person],
  ['Payer', person],
  ['Hospital', hospital],
  ['Record', recordEntity],
  ['Read', readEntity],
  ['Request', request],
  ['Guardianship', guardianship],
  ['Review', review],
  ['Consortium', () => plain({})],
  ['Stranger', () => plain({ status: 'stranger' })],
]);

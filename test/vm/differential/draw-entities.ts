import type { Random } from '../../../src/simulator/random.ts';
import type { EntityType, Schema } from '../../../src/vm/schema/schema.ts';
import { type Datum, drawDatum, type Uid } from './datum.ts';
import { fieldsJson, type Style, uidJson } from './write-json.ts';

export interface DrawnEntity {
  readonly uid: Uid;
  readonly attributes: readonly (readonly [string, Datum])[];
  readonly tags: readonly (readonly [string, Datum])[];
  readonly parents: readonly Uid[];
}

/** Ids that drawn entities have; references also name some that do not exist. */
export const ENTITY_IDS = ['a', '', 'ü "x"'];
const TAG_NAMES = ['t', 'u', '', 'a b'];

export const idOf = (random: Random, schema: Schema, type: string): string => {
  const ids = schema.entityTypes.get(type)?.ids;
  return random.pick(ids === undefined || random.chance(0.05) ? [...ENTITY_IDS, ...ENTITY_IDS, 'nobody'] : [...ids]);
};

/** Entities of every type, and the actions. Parents come later in the list, so nothing is above itself. */
export function drawEntities(random: Random, schema: Schema): readonly DrawnEntity[] {
  const uids = random.shuffle(
    [...schema.entityTypes.values()].flatMap(({ name, ids }) =>
      (ids === undefined ? ENTITY_IDS : [...ids]).filter(() => random.chance(0.75)).map((id) => ({ type: name, id })),
    ),
  );
  const entities = uids.map((uid, i) => drawEntity(random, schema, uid, uids.slice(i + 1)));
  const actions = [...schema.actions.values()].map(({ uid, ancestors }) => ({
    uid: { type: uid.type, id: uid.id },
    attributes: [],
    tags: [],
    parents: [...ancestors].map(uidOfKey),
  }));
  const all = [...entities, ...actions];
  return random.chance(0.25) ? all.map((entity) => (random.chance(0.3) ? spoil(random, schema, entity) : entity)) : all;
}

/** The converse of `keyOfUid`. */
function uidOfKey(key: string): Uid {
  const end = key.indexOf('\0');
  return { type: key.slice(0, end), id: key.slice(end + 1) };
}

function drawEntity(random: Random, schema: Schema, uid: Uid, later: readonly Uid[]): DrawnEntity {
  const type = schema.entityTypes.get(uid.type) as EntityType;
  const pickId = (name: string): string => idOf(random, schema, name);
  const drawn = drawDatum(random, type.attributes, pickId) as Extract<Datum, { kind: 'record' }>;
  const { tags } = type;
  return {
    uid,
    attributes: drawn.fields,
    tags:
      tags === undefined
        ? []
        : TAG_NAMES.filter(() => random.chance(0.4)).map((name) => [name, drawDatum(random, tags, pickId)] as const),
    parents: later.filter((parent) => type.parents.has(parent.type) && random.chance(0.4)),
  };
}

/** One thing about it that the schema does not allow, more often than not. */
function spoil(random: Random, schema: Schema, entity: DrawnEntity): DrawnEntity {
  const anything: Datum = random.pick<Datum>([
    { kind: 'long', value: 1n },
    { kind: 'string', value: 'x' },
    { kind: 'bool', value: true },
    {
      kind: 'set',
      items: [
        { kind: 'long', value: 1n },
        { kind: 'string', value: 'x' },
      ],
    },
    { kind: 'record', fields: [['a', { kind: 'long', value: 1n }]] },
    { kind: 'entity', type: random.pick([...schema.entityTypes.keys(), 'Nowhere']), id: 'a' },
  ]);
  switch (random.integer(0, 6)) {
    case 0:
      return { ...entity, attributes: [...entity.attributes.filter(([name]) => name !== 'a'), ['a', anything]] };
    case 1:
      return { ...entity, attributes: entity.attributes.slice(1) };
    case 2:
      return { ...entity, attributes: entity.attributes.map(([name]) => [name, anything] as const) };
    case 3:
      return { ...entity, tags: [['t', anything]] };
    case 4: {
      // Of a type that no entity here has: nothing can be above itself by it. An action may not even be written so.
      const isAction = schema.actions.has(`${entity.uid.type}\0${entity.uid.id}`);
      return isAction ? entity : { ...entity, parents: [...entity.parents, { type: 'Nowhere', id: 'a' }] };
    }
    case 5:
      return { ...entity, parents: [] };
    default:
      return { ...entity, uid: { type: entity.uid.type, id: `${entity.uid.id}?` } };
  }
}

export function entityJson({ uid, attributes, tags, parents }: DrawnEntity, style: Style): string {
  const labels = tags.length === 0 ? '' : `,"tags":${fieldsJson(tags, style)}`;
  const above = parents.map(uidJson).join(',');
  return `{"uid":${uidJson(uid)},"attrs":${fieldsJson(attributes, style)},"parents":[${above}]${labels}}`;
}

import {
  type AuthorizationRequest,
  type Entity,
  type EntityReader,
  type EntityUid,
  entity,
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  type RecordValue,
  setOf,
  type Value,
} from '../../../src/vm/index.ts';
import { environmentsOf } from '../../../src/vm/schema/environments.ts';
import type { EntityType, RecordType, Schema, SchemaType } from '../../../src/vm/schema/schema.ts';
import type { Draw } from './draw.ts';

/** The ids that policies name too, so that some of what they name exists. */
const IDS = ['a', 'r', 't'];
const TEXTS = ['a', 'k', '1.5'];

const parsed = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('not an extension value');
  return value;
};

/** Entities that fit the schema, every one that a value refers to among them. */
export function drawEntities(draw: Draw, schema: Schema): EntityReader {
  const all = new Map<string, Entity>();
  for (const type of schema.entityTypes.values())
    for (const [rank, id] of [...(type.ids ?? IDS)].entries())
      all.set(`${type.name}::${id}`, drawEntity(draw, schema, type, rank));
  for (const { uid, parents } of schema.actions.values())
    all.set(`${uid.type}::${uid.id}`, { parents, attribute: () => undefined, tag: () => undefined });

  return { entity: ({ type, id }) => all.get(`${type}::${id}`) };
}

/** A request of a kind that the schema allows. */
export function drawRequest(draw: Draw, schema: Schema): AuthorizationRequest {
  const { principal, action, resource, context } = draw.of(environmentsOf(schema));
  return {
    principal: uidOf(draw, schema, principal),
    action,
    resource: uidOf(draw, schema, resource),
    context: drawRecord(draw, schema, context),
  };
}

function drawEntity(draw: Draw, schema: Schema, type: EntityType, rank: number): Entity {
  const { fields } = drawRecord(draw, schema, type.attributes);
  const tags = new Map<string, Value>();
  if (type.tags !== undefined)
    for (const key of TEXTS) if (draw.chance(50)) tags.set(key, drawValue(draw, schema, type.tags));
  // A parent of the same type comes earlier in the list of ids, so that nothing is its own ancestor.
  const parents = [...type.parents].flatMap((parent): EntityUid[] =>
    parent === type.name ? (rank > 0 ? [entity(parent, IDS[rank - 1] as string)] : []) : [uidOf(draw, schema, parent)],
  );
  return { parents, attribute: (name: string) => fields.get(name), tag: (name: string) => tags.get(name) };
}

const uidOf = (draw: Draw, schema: Schema, type: string): EntityUid =>
  entity(type, draw.of([...(schema.entityTypes.get(type)?.ids ?? IDS)]));

function drawRecord(draw: Draw, schema: Schema, { attributes }: RecordType): RecordValue {
  const fields = new Map<string, Value>();
  for (const [name, { type, required }] of attributes)
    if (required || draw.chance(50)) fields.set(name, drawValue(draw, schema, type));
  return { kind: 'record', fields };
}

function drawValue(draw: Draw, schema: Schema, type: SchemaType): Value {
  switch (type.kind) {
    case 'bool':
      return draw.chance(50);
    case 'long':
      return BigInt(draw.below(4)) - 1n;
    case 'string':
      return draw.of(TEXTS);
    case 'entity':
      return uidOf(draw, schema, type.type);
    case 'set':
      return setOf(Array.from({ length: draw.below(3) }, () => drawValue(draw, schema, type.element)));
    case 'record':
      return drawRecord(draw, schema, type);
    case 'decimal':
      return parsed(parseDecimal(draw.of(['1.5', '0.25'])));
    case 'ipaddr':
      return parsed(parseIp(draw.of(['10.0.0.1', '::1'])));
    case 'datetime':
      return parsed(parseDatetime(draw.of(['2024-01-01', '1970-01-01'])));
    case 'duration':
      return parsed(parseDuration(draw.of(['1h', '-3d'])));
  }
}

import { ok, refuse } from '../../base/result.ts';
import { Failure } from '../evaluate/outcome.ts';
import { valueFromJson } from '../json/cedar-json.ts';
import { entityFromJson, uidFromJson } from '../json/entity-json.ts';
import { isList, isObject, type Json } from '../json/json.ts';
import { type Read, type ReadField, readEach, readFields, wrongShape } from '../json/read.ts';
import { setOf } from '../values/equality.ts';
import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import type { EntityUid, RecordValue, Value } from '../values/value.ts';
import type { EntityData } from './entity-data.ts';
import { keyOfUid, type RecordType, type Schema, type SchemaType } from './schema.ts';

/*
 * Cedar's JSON, read beside a schema: where an entity or an extension value is expected, its escape may be left out. Reading
 * checks no types: what it gives is held against the schema afterwards (`validateEntity`, `validateRequest`).
 */

/** The function that reads a text as a value of the type. */
const CONSTRUCTORS = { decimal: 'decimal', ipaddr: 'ip', datetime: 'datetime', duration: 'duration' } as const;

/** A value where one of this type is expected; undefined where nothing is known. It descends as deep as the type does. */
export function readValue(json: Json, type: SchemaType | undefined, path = ''): Read<Value> {
  switch (type?.kind) {
    case 'entity':
      return uidFromJson(json, path);
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return readExtension(json, CONSTRUCTORS[type.kind], path);
    case 'set':
      return isList(json) ? readSet(json, type.element, path) : wrongShape(path);
    case 'record':
      return readRecord(json, type, path);
    default:
      return valueFromJson(json, path);
  }
}

export function readRecord(json: Json, type: RecordType | undefined, path = ''): Read<RecordValue> {
  const fields = readFields(json, path, attributeOf(type));
  return fields.ok ? ok({ kind: 'record', fields: fields.value }) : fields;
}

/** The context of a request with this action. */
export function readContext(schema: Schema, action: EntityUid, json: Json): Read<RecordValue> {
  return readRecord(json, schema.actions.get(keyOfUid(action))?.appliesTo?.context, 'context');
}

/** `{ "uid", "attrs", "parents", "tags"? }`. */
export const readEntity = (schema: Schema, json: Json, path = ''): Read<EntityData> =>
  entityFromJson(json, path, (name) => {
    const type = schema.entityTypes.get(name);
    return { attribute: attributeOf(type?.attributes), tag: (tag, at) => readValue(tag, type?.tags, at) };
  });

/** A list of entities, each there once. */
export function readEntities(schema: Schema, json: Json): Read<readonly EntityData[]> {
  if (!isList(json)) return wrongShape('');
  const seen = new Set<string>();
  return readEach(json, '', (item, path) => {
    const entity = readEntity(schema, item, path);
    if (!entity.ok) return entity;
    const key = keyOfUid(entity.value.uid);
    if (seen.has(key)) return refuse('vm-json.duplicate-entity', { path });
    seen.add(key);
    return entity;
  });
}

const attributeOf =
  (type: RecordType | undefined): ReadField =>
  (json, path, name) =>
    readValue(json, type?.attributes.get(name)?.type, path);

function readSet(list: readonly Json[], element: SchemaType, path: string): Read<Value> {
  const items = readEach(list, path, (item, at) => readValue(item, element, at));
  return items.ok ? ok(setOf(items.value)) : items;
}

/** A bare text, `{ "fn", "arg" }` or `{ "fn", "args" }`, alone or under `__extn`. */
function readExtension(json: Json, implied: string, path: string): Read<Value> {
  if (typeof json === 'string') return callFunction(implied, [json], path);
  if (!isObject(json)) return wrongShape(path);
  const call = json.has('__extn') && json.size === 1 ? (json.get('__extn') as Json) : json;
  if (!isObject(call) || call.size !== 2) return wrongShape(path);
  const [name, argument, list] = [call.get('fn'), call.get('arg'), call.get('args')];
  if (typeof name !== 'string') return wrongShape(path);
  if (argument !== undefined) return callOn(name, [argument], path);
  return list !== undefined && isList(list) ? callOn(name, list, path) : wrongShape(path);
}

/** Arguments are written out: a method's receiver with its own escape. */
function callOn(name: string, list: readonly Json[], path: string): Read<Value> {
  const operands = readEach(list, path, (item) => valueFromJson(item, path));
  return operands.ok ? callFunction(name, operands.value, path) : operands;
}

function callFunction(name: string, operands: readonly Value[], path: string): Read<Value> {
  const called = EXTENSION_FUNCTIONS.get(name);
  if (called === undefined) return wrongShape(path);
  const outcome = called.apply(operands);
  return outcome instanceof Failure ? refuse('vm-json.bad-extension-value', { path }) : ok(outcome);
}

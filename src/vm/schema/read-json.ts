import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { Failure } from '../evaluate/outcome.ts';
import { uidFromJson, valueFromJson } from '../json/cedar-json.ts';
import { isList, isObject, type Json } from '../json/json.ts';
import { setOf } from '../values/equality.ts';
import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import type { EntityUid, RecordValue, Value } from '../values/value.ts';
import type { EntityData } from './entity-data.ts';
import { keyOfUid, type RecordType, type Schema, type SchemaType } from './schema.ts';

/**
 * Cedar's JSON, read beside a schema: where an entity or an extension value is expected, its escape may be left out. Reading
 * checks no types: what it gives is held against the schema afterwards (`validateEntity`, `validateRequest`).
 */
type Read<T> = Result<T, VmCode>;

const wrongShape = (path: string) => refuse('vm-json.wrong-shape' as const, { path });

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
  const fields = readFields(json, (name) => type?.attributes.get(name)?.type, path);
  return fields.ok ? ok({ kind: 'record', fields: fields.value }) : fields;
}

/** The context of a request with this action. */
export function readContext(schema: Schema, action: EntityUid, json: Json): Read<RecordValue> {
  return readRecord(json, schema.actions.get(keyOfUid(action))?.appliesTo?.context, 'context');
}

const ENTITY_KEYS = new Set(['uid', 'attrs', 'parents', 'tags']);

/** `{ "uid", "attrs", "parents", "tags"? }`. */
export function readEntity(schema: Schema, json: Json, path = ''): Read<EntityData> {
  if (!isObject(json) || [...json.keys()].some((key) => !ENTITY_KEYS.has(key))) return wrongShape(path);
  const uid = uidFromJson(json.get('uid') ?? null, `${path}.uid`);
  if (!uid.ok) return uid;
  const type = schema.entityTypes.get(uid.value.type);
  const attributes = readFields(
    json.get('attrs') ?? null,
    (name) => type?.attributes.attributes.get(name)?.type,
    `${path}.attrs`,
  );
  if (!attributes.ok) return attributes;
  const tags = readFields(json.get('tags') ?? new Map(), () => type?.tags, `${path}.tags`);
  if (!tags.ok) return tags;
  const list = json.get('parents') ?? null;
  if (!isList(list)) return wrongShape(`${path}.parents`);
  const parents = readEach(list, (parent, i) => uidFromJson(parent, `${path}.parents[${i}]`));
  if (!parents.ok) return parents;
  return ok({ uid: uid.value, parents: parents.value, attributes: attributes.value, tags: tags.value });
}

/** A list of entities, each there once. */
export function readEntities(schema: Schema, json: Json): Read<readonly EntityData[]> {
  if (!isList(json)) return wrongShape('');
  const seen = new Set<string>();
  return readEach(json, (item, i) => {
    const entity = readEntity(schema, item, `[${i}]`);
    if (!entity.ok) return entity;
    const key = keyOfUid(entity.value.uid);
    if (seen.has(key)) return refuse('vm-json.duplicate-entity', { path: `[${i}]` });
    seen.add(key);
    return entity;
  });
}

function readFields(
  json: Json,
  typeOf: (name: string) => SchemaType | undefined,
  path: string,
): Read<ReadonlyMap<string, Value>> {
  if (!isObject(json)) return wrongShape(path);
  const fields = new Map<string, Value>();
  for (const [name, field] of json) {
    const value = readValue(field, typeOf(name), `${path}.${name}`);
    if (!value.ok) return value;
    fields.set(name, value.value);
  }
  return ok(fields);
}

function readSet(list: readonly Json[], element: SchemaType, path: string): Read<Value> {
  const items = readEach(list, (item, i) => readValue(item, element, `${path}[${i}]`));
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
  const operands = readEach(list, (item) => valueFromJson(item, path));
  return operands.ok ? callFunction(name, operands.value, path) : operands;
}

function callFunction(name: string, operands: readonly Value[], path: string): Read<Value> {
  const called = EXTENSION_FUNCTIONS.get(name);
  if (called === undefined) return wrongShape(path);
  const outcome = called.apply(operands);
  return outcome instanceof Failure ? refuse('vm-json.bad-extension-value', { path }) : ok(outcome);
}

function readEach<T>(list: readonly Json[], read: (item: Json, i: number) => Read<T>): Read<readonly T[]> {
  const values: T[] = [];
  for (const [i, item] of list.entries()) {
    const value = read(item, i);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok(values);
}

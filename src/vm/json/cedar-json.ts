import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { Failure } from '../evaluate/outcome.ts';
import type { Entity, EntityReader } from '../evaluate/request.ts';
import { setOf } from '../values/equality.ts';
import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import { type EntityUid, entity, type RecordValue, type Value } from '../values/value.ts';
import { isList, isObject, type Json } from './json.ts';

/**
 * Cedar's JSON for values and entities. Entities and extension values inside values are written with their escapes, `__entity` and
 * `__extn`: reading them without needs a schema.
 */
type Read<T> = Result<T, VmCode>;

const wrongShape = (path: string) => refuse('vm-json.wrong-shape' as const, { path });

export function valueFromJson(json: Json, path = ''): Read<Value> {
  if (json === null) return wrongShape(path);
  if (isList(json)) {
    const items = readEach(json, (item, i) => valueFromJson(item, `${path}[${i}]`));
    return items.ok ? ok(setOf(items.value)) : items;
  }
  if (!isObject(json)) return ok(json);
  if (json.has('__entity')) return json.size === 1 ? uidFromJson(json, path) : wrongShape(path);
  if (json.has('__extn'))
    return json.size === 1 ? extensionFromJson(json.get('__extn') as Json, path) : wrongShape(path);
  return recordFromJson(json, path);
}

export function recordFromJson(json: Json, path = ''): Read<RecordValue> {
  const fields = fieldsFromJson(json, path);
  return fields.ok ? ok({ kind: 'record', fields: fields.value }) : fields;
}

/** `{ "type", "id" }`, alone or under `__entity`. */
export function uidFromJson(json: Json, path = ''): Read<EntityUid> {
  if (!isObject(json)) return wrongShape(path);
  const inner = json.size === 1 ? json.get('__entity') : json;
  if (inner === undefined || !isObject(inner) || inner.size !== 2) return wrongShape(path);
  const [type, id] = [inner.get('type'), inner.get('id')];
  return typeof type === 'string' && typeof id === 'string' ? ok(entity(type, id)) : wrongShape(path);
}

/** `[{ "uid", "attrs", "parents", "tags"? }, …]`. */
export function entitiesFromJson(json: Json): Read<EntityReader> {
  if (!isList(json)) return wrongShape('');
  const byType = new Map<string, Map<string, Entity>>();
  for (const [i, item] of json.entries()) {
    const read = entityFromJson(item, `[${i}]`);
    if (!read.ok) return read;
    const { uid, entity: found } = read.value;
    const byId = byType.get(uid.type) ?? new Map<string, Entity>();
    if (byId.has(uid.id)) return refuse('vm-json.duplicate-entity', { path: `[${i}]` });
    byType.set(uid.type, byId.set(uid.id, found));
  }
  return ok({ entity: (uid) => byType.get(uid.type)?.get(uid.id) });
}

const ENTITY_KEYS = new Set(['uid', 'attrs', 'parents', 'tags']);

function entityFromJson(json: Json, path: string): Read<{ uid: EntityUid; entity: Entity }> {
  if (!isObject(json) || [...json.keys()].some((key) => !ENTITY_KEYS.has(key))) return wrongShape(path);
  const uid = uidFromJson(json.get('uid') ?? null, `${path}.uid`);
  if (!uid.ok) return uid;
  const attributes = fieldsFromJson(json.get('attrs') ?? null, `${path}.attrs`);
  if (!attributes.ok) return attributes;
  const tags = fieldsFromJson(json.get('tags') ?? new Map(), `${path}.tags`);
  if (!tags.ok) return tags;
  const list = json.get('parents') ?? null;
  if (!isList(list)) return wrongShape(`${path}.parents`);
  const parents = readEach(list, (parent, i) => uidFromJson(parent, `${path}.parents[${i}]`));
  if (!parents.ok) return parents;
  return ok({
    uid: uid.value,
    entity: {
      parents: parents.value,
      attribute: (name) => attributes.value.get(name),
      tag: (name) => tags.value.get(name),
    },
  });
}

function fieldsFromJson(json: Json, path: string): Read<ReadonlyMap<string, Value>> {
  if (!isObject(json)) return wrongShape(path);
  const fields = new Map<string, Value>();
  for (const [name, field] of json) {
    const value = valueFromJson(field, `${path}.${name}`);
    if (!value.ok) return value;
    fields.set(name, value.value);
  }
  return ok(fields);
}

/** `{ "fn", "arg" }`, where `fn` reads a text. */
function extensionFromJson(json: Json, path: string): Read<Value> {
  if (!isObject(json) || json.size !== 2) return wrongShape(path);
  const [name, argument] = [json.get('fn'), json.get('arg')];
  const reader = typeof name === 'string' ? EXTENSION_FUNCTIONS.get(name) : undefined;
  if (reader?.style !== 'function' || typeof argument !== 'string') return wrongShape(path);
  const outcome = reader.apply([argument]);
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

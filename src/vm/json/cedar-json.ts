import { ok, refuse } from '../../base/result.ts';
import { Failure } from '../evaluate/outcome.ts';
import type { Entity, EntityReader } from '../evaluate/request.ts';
import { asEntity } from '../schema/entity-data.ts';
import { setOf } from '../values/equality.ts';
import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import type { RecordValue, Value } from '../values/value.ts';
import { entityFromJson, type FieldReaders, uidFromJson } from './entity-json.ts';
import { isList, isObject, type Json } from './json.ts';
import { type Read, readEach, readFields, wrongShape } from './read.ts';

/*
 * Cedar's JSON for values and entities. Entities and extension values inside values are written with their escapes, `__entity` and
 * `__extn`: reading them without needs a schema.
 */

export function valueFromJson(json: Json, path = ''): Read<Value> {
  if (json === null) return wrongShape(path);
  if (isList(json)) {
    const items = readEach(json, path, valueFromJson);
    return items.ok ? ok(setOf(items.value)) : items;
  }
  if (!isObject(json)) return ok(json);
  if (json.has('__entity')) return json.size === 1 ? uidFromJson(json, path) : wrongShape(path);
  if (json.has('__extn'))
    return json.size === 1 ? extensionFromJson(json.get('__extn') as Json, path) : wrongShape(path);
  // An escape of Cedar's past: the official engine refuses it too.
  if (json.has('__expr') && json.size === 1) return wrongShape(path);
  return recordFromJson(json, path);
}

export function recordFromJson(json: Json, path = ''): Read<RecordValue> {
  const fields = readFields(json, path, valueFromJson);
  return fields.ok ? ok({ kind: 'record', fields: fields.value }) : fields;
}

const WITH_ESCAPES: FieldReaders = { attribute: valueFromJson, tag: valueFromJson };

/** `[{ "uid", "attrs", "parents", "tags"? }, …]`. */
export function entitiesFromJson(json: Json): Read<EntityReader> {
  if (!isList(json)) return wrongShape('');
  const byType = new Map<string, Map<string, Entity>>();
  for (const [i, item] of json.entries()) {
    const read = entityFromJson(item, `[${i}]`, () => WITH_ESCAPES);
    if (!read.ok) return read;
    const { uid } = read.value;
    const byId = byType.get(uid.type) ?? new Map<string, Entity>();
    if (byId.has(uid.id)) return refuse('vm-json.duplicate-entity', { path: `[${i}]` });
    byType.set(uid.type, byId.set(uid.id, asEntity(read.value)));
  }
  return ok({ entity: (uid) => byType.get(uid.type)?.get(uid.id) });
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

import { ok } from '../../base/result.ts';
import { isActionType } from '../schema/conform.ts';
import type { EntityData } from '../schema/entity-data.ts';
import { isIdentifier } from '../syntax/token-reader.ts';
import { type EntityUid, entity } from '../values/value.ts';
import { isList, isObject, type Json } from './json.ts';
import { type Read, type ReadField, readEach, readFields, wrongShape } from './read.ts';

/** A type as policies write it, without white space: what keys are made of holds no NUL. */
const isTypeName = (text: string): boolean => text.split('::').every(isIdentifier);

/** `{ "type", "id" }`, alone or under `__entity`. */
export function uidFromJson(json: Json, path = ''): Read<EntityUid> {
  if (!isObject(json)) return wrongShape(path);
  const inner = json.size === 1 ? json.get('__entity') : json;
  if (inner === undefined || !isObject(inner) || inner.size !== 2) return wrongShape(path);
  const [type, id] = [inner.get('type'), inner.get('id')];
  if (typeof type !== 'string' || typeof id !== 'string' || !isTypeName(type)) return wrongShape(path);
  return ok(entity(type, id));
}

/** How the attributes and the tags of one type of entity are read. */
export interface FieldReaders {
  readonly attribute: ReadField;
  readonly tag: ReadField;
}

const ENTITY_KEYS = new Set(['uid', 'attrs', 'parents', 'tags']);

/** `{ "uid", "attrs", "parents", "tags"? }`. An action is in nothing but actions. */
export function entityFromJson(json: Json, path: string, readersOf: (type: string) => FieldReaders): Read<EntityData> {
  if (!isObject(json) || [...json.keys()].some((key) => !ENTITY_KEYS.has(key))) return wrongShape(path);
  const uid = uidFromJson(json.get('uid') ?? null, `${path}.uid`);
  if (!uid.ok) return uid;
  const readers = readersOf(uid.value.type);
  const attributes = readFields(json.get('attrs') ?? null, `${path}.attrs`, readers.attribute);
  if (!attributes.ok) return attributes;
  const tags = readFields(json.get('tags') ?? new Map(), `${path}.tags`, readers.tag);
  if (!tags.ok) return tags;
  const list = json.get('parents') ?? null;
  if (!isList(list)) return wrongShape(`${path}.parents`);
  const parents = readEach(list, `${path}.parents`, uidFromJson);
  if (!parents.ok) return parents;
  if (isActionType(uid.value.type) && !parents.value.every(({ type }) => isActionType(type)))
    return wrongShape(`${path}.parents`);
  return ok({ uid: uid.value, parents: parents.value, attributes: attributes.value, tags: tags.value });
}

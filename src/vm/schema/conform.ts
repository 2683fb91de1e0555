import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { isEntity, isRecord, isSet, kindOf } from '../values/kinds.ts';
import type { EntityUid, Value } from '../values/value.ts';
import { keyOfUid, type RecordType, type Schema, type SchemaType } from './schema.ts';

export type Conformance = Result<null, VmCode>;
export const CONFORMS: Conformance = ok(null);

/** What `kindOf` says of a value of each plain type. */
const KIND_OF_TYPE = {
  bool: 'boolean',
  long: 'bigint',
  string: 'string',
  decimal: 'decimal',
  ipaddr: 'ip',
  datetime: 'datetime',
  duration: 'duration',
} as const;

const wrongType = (path: string): Conformance => refuse('vm-conform.wrong-type', { path });

/** Is the value of this type? A refusal says at which `path` it is not. It descends as deep as the type does, not the value. */
export function conforms(schema: Schema, value: Value, type: SchemaType, path: string): Conformance {
  switch (type.kind) {
    case 'entity':
      return isEntity(value) && value.type === type.type ? conformsUid(schema, value, path) : wrongType(path);
    case 'set':
      return isSet(value) ? conformsEach(schema, value.items, type.element, path) : wrongType(path);
    case 'record':
      return isRecord(value) ? conformsFields(schema, value.fields, type, path) : wrongType(path);
    default:
      return kindOf(value) === KIND_OF_TYPE[type.kind] ? CONFORMS : wrongType(path);
  }
}

/** Attributes of a record or of an entity: all that are required, none that is not declared. */
export function conformsFields(
  schema: Schema,
  fields: ReadonlyMap<string, Value>,
  { attributes }: RecordType,
  path: string,
): Conformance {
  for (const [name, { required }] of attributes)
    if (required && !fields.has(name)) return refuse('vm-conform.missing-attribute', { path: step(path, name) });
  for (const [name, value] of fields) {
    const attribute = attributes.get(name);
    if (attribute === undefined) return refuse('vm-conform.unknown-attribute', { path: step(path, name) });
    const verdict = conforms(schema, value, attribute.type, step(path, name));
    if (!verdict.ok) return verdict;
  }
  return CONFORMS;
}

/** Values of one type: a set's items, an entity's tags. */
export function conformsEach(schema: Schema, values: Iterable<Value>, type: SchemaType, path: string): Conformance {
  for (const value of values) {
    const verdict = conforms(schema, value, type, path);
    if (!verdict.ok) return verdict;
  }
  return CONFORMS;
}

/** An id that its type may have: one of the listed ones where they are listed, and an action only where it is declared. */
export function conformsUid(schema: Schema, uid: EntityUid, path: string): Conformance {
  if (isActionType(uid.type))
    return schema.actions.has(keyOfUid(uid)) ? CONFORMS : refuse('vm-conform.unknown-action', { path });
  const ids = schema.entityTypes.get(uid.type)?.ids;
  return ids === undefined || ids.has(uid.id) ? CONFORMS : refuse('vm-conform.unknown-id', { path });
}

export const isActionType = (type: string): boolean => type === 'Action' || type.endsWith('::Action');

const step = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

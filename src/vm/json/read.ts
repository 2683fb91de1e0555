import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import type { Value } from '../values/value.ts';
import { isObject, type Json } from './json.ts';

/** What stands in the JSON, or why it cannot be read. A refusal's path says where: `[2].attrs.home`. */
export type Read<T> = Result<T, VmCode>;

export const wrongShape = (path: string) => refuse('vm-json.wrong-shape' as const, { path });

/** Every item of a list, up to the first that is refused. */
export function readEach<T>(
  list: readonly Json[],
  path: string,
  readItem: (item: Json, path: string) => Read<T>,
): Read<readonly T[]> {
  const items: T[] = [];
  for (const [i, json] of list.entries()) {
    const item = readItem(json, `${path}[${i}]`);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return ok(items);
}

/** How the value of a field is read: a schema knows its type by its name. */
export type ReadField = (json: Json, path: string, name: string) => Read<Value>;

export function readFields(json: Json, path: string, readField: ReadField): Read<ReadonlyMap<string, Value>> {
  if (!isObject(json)) return wrongShape(path);
  const fields = new Map<string, Value>();
  for (const [name, field] of json) {
    const value = readField(field, `${path}.${name}`, name);
    if (!value.ok) return value;
    fields.set(name, value.value);
  }
  return ok(fields);
}

import { assert } from '../../base/assert.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Shape } from '../../base/shape.ts';

/** Reads the state by its textual keys. */
export interface StateReader {
  get(key: string): Uint8Array | undefined;
}
/** Writes it; `null` deletes. */
export interface StateWriter extends StateReader {
  set(key: string, value: Uint8Array | null): void;
}

/** One kind of row in the state: its keys begin with `name/`, its values are the canonical bytes of one shape. */
export interface Table<T, Key extends readonly string[]> {
  key(...parts: Key): string;
  get(state: StateReader, ...parts: Key): T | undefined;
  set(state: StateWriter, value: T, ...parts: Key): void;
  delete(state: StateWriter, ...parts: Key): void;
}

/** Rows that each table remembers. */
const REMEMBERED_MAX = 1_024;

export function table<T, Key extends readonly string[]>(name: string, shape: Shape<T>): Table<T, Key> {
  const key = (...parts: Key): string => `${name}/${parts.join('/')}`;
  /** What was read last under a key: the same bytes give the same row. A map that holds its rows weakly costs more than it saves here. */
  const known = new Map<string, { readonly bytes: Uint8Array; readonly row: T }>();
  return {
    key,
    get: (state, ...parts) => {
      const at = key(...parts);
      const bytes = state.get(at);
      if (bytes === undefined) return undefined;
      const before = known.get(at);
      if (before !== undefined && (before.bytes === bytes || equal(before.bytes, bytes))) return before.row;
      const row = readRow(bytes, shape, name);
      if (before === undefined && known.size >= REMEMBERED_MAX) forgetOldest(known);
      known.set(at, { bytes, row });
      return row;
    },
    set: (state, value, ...parts) => state.set(key(...parts), encode(value as Canonical)),
    delete: (state, ...parts) => state.set(key(...parts), null),
  };
}

const forgetOldest = (rows: Map<string, unknown>): boolean => rows.delete(rows.keys().next().value as string);

/** A row was written by this code under the state root: one that does not read is a broken invariant, not an input. */
function readRow<T>(bytes: Uint8Array, shape: Shape<T>, name: string): T {
  const value = decode(bytes, LIMITS.blockBytesMax);
  assert(value.ok, `a row of ${name} is canonical`);
  // No path: where it would not fit, an invariant is broken whatever the field.
  const row = shape(value.value, '');
  assert(row.ok, `a row of ${name} has its shape`);
  return row.value;
}

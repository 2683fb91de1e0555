import { equal } from '../base/bytes.ts';
import type { StateReader } from './state/table.ts';

/**
 * What the few rows that every transaction needs last decoded to. The row is still read each time, and what was remembered serves only
 * while its bytes are the same: it saves time and changes no answer.
 */
export type RowMemo = Map<string, { readonly bytes: Uint8Array; readonly value: unknown }>;

/** `decode` reads the row at `key`; each key is memoised with one `decode`. Undefined where there is no row. */
export function memoised<T>(
  memo: RowMemo,
  state: StateReader,
  key: string,
  decode: () => T | undefined,
): T | undefined {
  const bytes = state.get(key);
  if (bytes === undefined) return undefined;
  const known = memo.get(key);
  if (known !== undefined && (known.bytes === bytes || equal(known.bytes, bytes))) return known.value as T;
  const value = decode();
  if (value !== undefined) memo.set(key, { bytes, value });
  return value;
}

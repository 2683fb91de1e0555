import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';

/** What a line of a trace may hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [field: string]: Plain };

/** Longer bytes stand as their hash: a signature (65 bytes) is the longest that is always whole. */
export const WHOLE_BYTES_MAX = 80;

/** Bytes as hex, long ones as `{ sha256, bytes }`; a transaction as its id; what has no plain form (a view of the state) is left out. */
export function plainOf(value: unknown, hash: (bytes: Uint8Array) => Hash): Plain {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (value instanceof Uint8Array)
    return value.length <= WHOLE_BYTES_MAX ? toHex(value) : { sha256: toHex(hash(value)), bytes: value.length };
  if (Array.isArray(value)) return value.map((each) => plainOf(each, hash));
  if (typeof value !== 'object' || value instanceof Map || value instanceof Set) return null;
  const { transaction, id } = value as { transaction?: unknown; id?: unknown };
  if (transaction !== undefined && id instanceof Uint8Array) return { transactionId: toHex(id) };
  const fields: Record<string, Plain> = {};
  for (const [name, field] of Object.entries(value))
    if (name !== 'view' && field !== undefined && typeof field !== 'function') fields[name] = plainOf(field, hash);
  return fields;
}

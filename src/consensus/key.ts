import { toHex } from '../base/bytes.ts';

const keys = new WeakMap<Uint8Array, string>();

/**
 * The hexadecimal form of an id or a hash, as maps are keyed by it. Engines look up the same few values again and again, and bytes that
 * were decoded never change: each array is spelled out once. Never for secrets, or for memory that is used again.
 */
export function keyOf(bytes: Uint8Array): string {
  const known = keys.get(bytes);
  if (known !== undefined) return known;
  const key = toHex(bytes);
  keys.set(bytes, key);
  return key;
}

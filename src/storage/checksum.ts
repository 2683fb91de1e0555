import { hash as nodeHash } from 'node:crypto';
import type { Hash } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import { StorageError } from './errors.ts';
import { keySpaceName } from './key-space.ts';

const CHECKSUM_BYTES = 8;

export function sha256(...parts: readonly Uint8Array[]): Hash {
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts);
  return Uint8Array.from(nodeHash('sha256', bytes, 'buffer')) as Hash;
}

/**
 * A stored value: the first 8 bytes of SHA-256(key ‖ value), then the value. LevelDB answers a flipped bit of a table
 * with a wrong value; the key in the sum also catches a value that turns up under another key.
 */
export const seal = (key: Uint8Array, value: Uint8Array): Uint8Array =>
  concat(sha256(key, value).subarray(0, CHECKSUM_BYTES), value);

export function unseal(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(CHECKSUM_BYTES);
  const sum = sha256(key, value);
  let holds = stored.length >= CHECKSUM_BYTES;
  for (let i = 0; i < CHECKSUM_BYTES; i++) holds &&= sum[i] === stored[i];
  if (!holds) throw new StorageError('storage.corrupt', { keySpace: keySpaceName(key) });
  return value;
}

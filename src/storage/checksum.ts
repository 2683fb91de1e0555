import { hash as nodeHash } from 'node:crypto';
import type { Hash } from '../base/brand.ts';
import { concat, copyOf, equal } from '../base/bytes.ts';
import { StorageError } from './errors.ts';
import { keySpaceName } from './key-space.ts';

const CHECKSUM_BYTES = 8;

export function sha256(...parts: readonly Uint8Array[]): Hash {
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts);
  const { buffer, byteOffset, length } = nodeHash('sha256', bytes, 'buffer');
  return new Uint8Array(buffer, byteOffset, length).slice() as Hash;
}

/**
 * A stored value: the first 8 bytes of SHA-256(key ‖ value), then the value. LevelDB answers a flipped bit of a table
 * with a wrong value; the key in the sum also catches a value that turns up under another key.
 */
export const seal = (key: Uint8Array, value: Uint8Array): Uint8Array => copyOf(sealForNow(key, value));

/** The same in shared memory, good until the next call: every row of every block comes through here, and LevelDB copies it at once. */
export function sealForNow(key: Uint8Array, value: Uint8Array): Uint8Array {
  const at = CHECKSUM_BYTES + key.length;
  const end = at + value.length;
  const bytes = end > room.length ? new Uint8Array(end) : room;
  bytes.set(key, CHECKSUM_BYTES);
  bytes.set(value, at);
  const sum = nodeHash('sha256', bytes.subarray(CHECKSUM_BYTES, end), 'binary');
  // The sum takes the place of the key's end, which has been hashed.
  for (let i = 0; i < CHECKSUM_BYTES; i++) bytes[at - CHECKSUM_BYTES + i] = sum.charCodeAt(i);
  return bytes.subarray(at - CHECKSUM_BYTES, end);
}
const room = new Uint8Array(4_096);

export function unseal(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(CHECKSUM_BYTES);
  if (stored.length < CHECKSUM_BYTES || !equal(sumOf(sealForNow(key, value)), sumOf(stored)))
    throw new StorageError('storage.corrupt', { keySpace: keySpaceName(key) });
  return value;
}

const sumOf = (stored: Uint8Array): Uint8Array => stored.subarray(0, CHECKSUM_BYTES);

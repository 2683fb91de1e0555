import { hash as nodeHash } from 'node:crypto';
import type { Hash } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
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
export function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  const stored = new Uint8Array(CHECKSUM_BYTES + value.length);
  const sum = checksum(key, value);
  for (let i = 0; i < CHECKSUM_BYTES; i++) stored[i] = sum.charCodeAt(i);
  stored.set(value, CHECKSUM_BYTES);
  return stored;
}

export function unseal(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(CHECKSUM_BYTES);
  const sum = checksum(key, value);
  let holds = stored.length >= CHECKSUM_BYTES;
  for (let i = 0; i < CHECKSUM_BYTES; i++) holds &&= sum.charCodeAt(i) === stored[i];
  if (!holds) throw new StorageError('storage.corrupt', { keySpace: keySpaceName(key) });
  return value;
}

/** Room for a key and a value beside each other: every row of every block comes through here. */
const room = new Uint8Array(4_096);

/** SHA-256(key ‖ value), a character a byte: a string of Latin-1 is the quickest form that Node gives. */
function checksum(key: Uint8Array, value: Uint8Array): string {
  const bytes = key.length + value.length;
  if (bytes > room.length) return nodeHash('sha256', concat(key, value), 'binary');
  room.set(key);
  room.set(value, key.length);
  return nodeHash('sha256', room.subarray(0, bytes), 'binary');
}

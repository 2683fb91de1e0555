import { hash as nodeHash } from 'node:crypto';
import type { Hash } from '../base/brand.ts';
import { concat, copyOf, equal } from '../base/bytes.ts';
import { StorageError } from './errors.ts';
import { keySpaceName } from './key-space.ts';
import { Room } from './room.ts';

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

/** The same in memory that the next call writes again: every row of every block comes through here, and LevelDB copies it at once. */
export function sealForNow(key: Uint8Array, value: Uint8Array): Uint8Array {
  const hashed = hashedRoom.view(key.length + value.length);
  const sealed = sealedRoom.view(CHECKSUM_BYTES + value.length);
  if (hashed === undefined || sealed === undefined) return sealApart(key, value);
  hashed.set(key);
  hashed.set(value, key.length);
  sealed.set(value, CHECKSUM_BYTES);
  putSum(sealed, hashed);
  return sealed;
}

/** Longer rows are few: blocks, receipts, pieces of blobs. */
const ROOM_BYTES = 1_024;
const hashedRoom = new Room(ROOM_BYTES);
const sealedRoom = new Room(ROOM_BYTES);

function sealApart(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(CHECKSUM_BYTES + value.length);
  sealed.set(value, CHECKSUM_BYTES);
  putSum(sealed, concat(key, value));
  return sealed;
}

function putSum(sealed: Uint8Array, hashed: Uint8Array): void {
  const sum = nodeHash('sha256', hashed, 'binary');
  for (let i = 0; i < CHECKSUM_BYTES; i++) sealed[i] = sum.charCodeAt(i);
}

export function unseal(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(CHECKSUM_BYTES);
  if (stored.length < CHECKSUM_BYTES || !equal(sumOf(sealForNow(key, value)), sumOf(stored)))
    throw new StorageError('storage.corrupt', { keySpace: keySpaceName(key) });
  return value;
}

const sumOf = (stored: Uint8Array): Uint8Array => stored.subarray(0, CHECKSUM_BYTES);

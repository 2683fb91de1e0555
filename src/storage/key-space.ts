import { assert } from '../base/assert.ts';
import type { Address, Hash } from '../base/brand.ts';
import { allocate, putU64be, u64be } from '../base/bytes.ts';
import type { NodeKey } from '../ledger/tree/types.ts';
import { STORAGE_LIMITS } from './limits.ts';

/**
 * Every namespace of both databases, on one page (docs/specification/key-spaces.md says the same in prose; a test
 * compares them). A key is the prefix byte, then the layout. `height`, `version` and `bytes` are eight bytes
 * big-endian, so keys sort as numbers do.
 */
export const KEY_SPACES = {
  // chain/
  meta: { prefix: 0x01, database: 'chain', key: 'name (UTF-8)', value: 'DAG-CBOR: tip, prunedBelow, signingSequence' },
  block: { prefix: 0x02, database: 'chain', key: 'height', value: 'block bytes' },
  certificate: { prefix: 0x03, database: 'chain', key: 'height', value: 'certificate bytes' },
  receipts: { prefix: 0x04, database: 'chain', key: 'height', value: 'receipts bytes' },
  blockHeight: { prefix: 0x05, database: 'chain', key: 'block hash', value: 'height' },
  transaction: { prefix: 0x06, database: 'chain', key: 'transaction id', value: 'height ‖ index (4 bytes)' },
  state: { prefix: 0x07, database: 'chain', key: 'state key (UTF-8)', value: 'current value' },
  stateHistory: {
    prefix: 0x08,
    database: 'chain',
    key: 'SHA-256(state key) ‖ SHA-256(value)',
    value: 'height that last replaced it ‖ value',
  },
  staleValue: { prefix: 0x09, database: 'chain', key: 'height ‖ stateHistory key', value: 'empty' },
  treeNode: {
    prefix: 0x0a,
    database: 'chain',
    key: 'path length in bits (2 bytes) ‖ path bits, zero-padded ‖ version',
    value: 'tree node',
  },
  staleNode: { prefix: 0x0b, database: 'chain', key: 'height ‖ treeNode key', value: 'empty' },
  treeRoot: {
    prefix: 0x0c,
    database: 'chain',
    key: 'height',
    value: 'root hash ‖ version, or empty for the empty tree',
  },
  audit: { prefix: 0x0d, database: 'chain', key: 'subject address ‖ height ‖ index (4 bytes)', value: 'audit entry' },
  // blobs/
  blob: { prefix: 0x20, database: 'blobs', key: 'root CID', value: 'DAG-CBOR: bytes, uploader, expiresAtHeight' },
  blobBlock: { prefix: 0x21, database: 'blobs', key: 'block CID', value: 'block bytes' },
  blobOwner: { prefix: 0x22, database: 'blobs', key: 'block CID ‖ owner (root CID or upload id)', value: 'empty' },
  blobMember: { prefix: 0x23, database: 'blobs', key: 'owner (root CID or upload id) ‖ block CID', value: 'empty' },
  blobExpiry: { prefix: 0x24, database: 'blobs', key: 'height ‖ root CID', value: 'empty' },
  blobQuota: { prefix: 0x25, database: 'blobs', key: 'uploader (UTF-8)', value: 'bytes' },
  blobLayout: { prefix: 0x26, database: 'blobs', key: 'nothing', value: 'leaves of a blob that are rows (8 bytes)' },
  envelope: {
    prefix: 0x28,
    database: 'blobs',
    key: 'envelope hash, or CID of an upload',
    value: 'envelope bytes, or their hashes',
  },
  fragment: {
    prefix: 0x29,
    database: 'blobs',
    key: 'id length (1 byte) ‖ grant id ‖ key id',
    value: 'fragment bytes',
  },
  searchIndex: { prefix: 0x2a, database: 'blobs', key: 'patient', value: 'DAG-CBOR: epoch, build, entries' },
  shredded: { prefix: 0x2b, database: 'blobs', key: 'record id', value: 'empty' },
  guardianShare: { prefix: 0x2c, database: 'blobs', key: 'owner ‖ kit hash', value: 'DAG-CBOR: height, sealed, share' },
} as const;
export type KeySpaceName = keyof typeof KEY_SPACES;

const NAME_OF_PREFIX = new Map<number, string>(
  Object.entries(KEY_SPACES).map(([name, space]) => [space.prefix, name] as const),
);

/** The namespace of a stored key, for errors: 'unknown' for a prefix that is not ours. */
export const keySpaceName = (key: Uint8Array): string => NAME_OF_PREFIX.get(key[0] ?? -1) ?? 'unknown';

export function keyIn(space: KeySpaceName, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 1;
  for (const part of parts) length += part.length;
  const key = allocate(length);
  key[0] = KEY_SPACES[space].prefix;
  let at = 1;
  for (const part of parts) {
    key.set(part, at);
    at += part.length;
  }
  return key;
}

/** What follows the prefix byte. */
export const keyBody = (key: Uint8Array): Uint8Array => key.subarray(1);

/** All keys of `space` whose layout begins with these parts. */
export function rangeIn(space: KeySpaceName, ...parts: readonly Uint8Array[]): { gte: Uint8Array; lt: Uint8Array } {
  const gte = keyIn(space, ...parts);
  return { gte, lt: after(gte) };
}

/**
 * The first key, in byte order, that does not begin with `prefix`. Prefix bytes of ours are below 0xff, so there is
 * one.
 */
function after(prefix: Uint8Array): Uint8Array {
  let last = prefix.length - 1;
  while (prefix[last] === 0xff) last--;
  const next = prefix.slice(0, last + 1);
  next[last] = (next[last] as number) + 1;
  return next;
}

const utf8Bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));

export type MetaName = 'tip' | 'prunedBelow' | 'signingSequence';
export const metaKey = (name: MetaName): Uint8Array => keyIn('meta', utf8Bytes(name));
export const atHeight = (space: 'block' | 'certificate' | 'receipts' | 'treeRoot', height: number): Uint8Array =>
  keyIn(space, u64be(height));
export const blockHeightKey = (blockHash: Hash): Uint8Array => keyIn('blockHeight', blockHash);
export const transactionKey = (id: Hash): Uint8Array => keyIn('transaction', id);

/** The bytes that the tree hashes for a state key. */
export function stateKeyBytes(key: string): Uint8Array {
  const bytes = utf8Bytes(key);
  assert(bytes.length <= STORAGE_LIMITS.stateKeyBytesMax, 'a state key is longer than stateKeyBytesMax');
  return bytes;
}
export const stateKey = (key: string): Uint8Array => keyIn('state', stateKeyBytes(key));
export const stateHistoryKey = (keyHash: Hash, valueHash: Hash): Uint8Array =>
  keyIn('stateHistory', keyHash, valueHash);

/** Two bytes of length, then the bits of '0' and '1' characters, most significant first, then the version. */
export function treeNodeKey(node: NodeKey): Uint8Array {
  const key = allocate(1 + nodeBodyBytes(node));
  key[0] = KEY_SPACES.treeNode.prefix;
  putNodeBody(key, 1, node);
  return key;
}

/** `staleKey` of a tree node's row, made at once: a block has thousands. */
export function staleNodeKey(height: number, node: NodeKey): Uint8Array {
  const key = allocate(1 + U64_BYTES + nodeBodyBytes(node));
  key[0] = KEY_SPACES.staleNode.prefix;
  putU64be(key, 1, height);
  putNodeBody(key, 1 + U64_BYTES, node);
  return key;
}

const U64_BYTES = 8;
const nodeBodyBytes = ({ path }: NodeKey): number => 2 + Math.ceil(path.length / 8) + U64_BYTES;

/** Into zero bytes. */
function putNodeBody(key: Uint8Array, at: number, { path, version }: NodeKey): void {
  assert(path.length <= 256, 'a tree path is longer than a hash');
  key[at] = path.length >> 8;
  key[at + 1] = path.length & 0xff;
  for (let i = 0; i < path.length; i++)
    if (path.charCodeAt(i) === ONE) key[at + 2 + (i >> 3)] = (key[at + 2 + (i >> 3)] as number) | (0x80 >> (i & 7));
  putU64be(key, key.length - U64_BYTES, version);
}
const ONE = '1'.charCodeAt(0);

/** Names a row to delete once the states below `height` are given up. */
export const staleKey = (space: 'staleValue' | 'staleNode', height: number, row: Uint8Array): Uint8Array =>
  keyIn(space, u64be(height), keyBody(row));

/** The row that a stale key names. */
export const staleTarget = (space: 'stateHistory' | 'treeNode', stale: Uint8Array): Uint8Array =>
  keyIn(space, stale.subarray(1 + 8));

export const auditKey = (subject: Address, height: number, index: number): Uint8Array =>
  keyIn('audit', subject, heightAndIndex(height, index));

/** A transaction's place in the chain: eight bytes and four. */
export function heightAndIndex(height: number, index: number): Uint8Array {
  const bytes = new Uint8Array(U64_BYTES + 4);
  putU64be(bytes, 0, height);
  putU32be(bytes, U64_BYTES, index);
  return bytes;
}

export function u32be(n: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32be(bytes, 0, n);
  return bytes;
}

function putU32be(bytes: Uint8Array, at: number, n: number): void {
  bytes[at] = n >>> 24;
  bytes[at + 1] = n >>> 16;
  bytes[at + 2] = n >>> 8;
  bytes[at + 3] = n;
}

export const readU32 = (bytes: Uint8Array, at = 0): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);

/** A safe integer of eight bytes: what `u64be` wrote. */
export const readU64 = (bytes: Uint8Array, at = 0): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at));

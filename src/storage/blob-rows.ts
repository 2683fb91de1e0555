import type { Height } from '../base/brand.ts';
import { u64be } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import * as shape from '../base/shape.ts';
import { CID_BYTES } from './blob-cid.ts';
import { StorageError } from './errors.ts';
import { keyBody, keyIn, rangeIn, readU64 } from './key-space.ts';
import { type KeyValueStore, type KvOperation, NO_VALUE, put, remove } from './kv.ts';

/** What is known of a stored blob. */
export interface BlobRow {
  readonly bytes: number;
  readonly uploader: string;
  readonly expiresAtHeight: Height | null;
}

const BLOB_ROW_BYTES_MAX = 1_024;
export const UPLOADER_CHARACTERS_MAX = 128;

const blobRowShape = shape.struct({
  bytes: shape.uint(),
  uploader: shape.text(UPLOADER_CHARACTERS_MAX),
  expiresAtHeight: shape.nullable(shape.heightShape),
}) as shape.Shape<BlobRow>;

export async function readBlobRow(kv: KeyValueStore, root: Uint8Array): Promise<BlobRow | undefined> {
  const bytes = await kv.get(keyIn('blob', root));
  if (bytes === undefined) return undefined;
  const decoded = decode(bytes, BLOB_ROW_BYTES_MAX);
  const row = decoded.ok ? blobRowShape(decoded.value, '') : decoded;
  if (!row.ok) throw new StorageError('storage.corrupt', { keySpace: 'blob' });
  return row.value;
}

export const putBlobRow = (root: Uint8Array, row: BlobRow): KvOperation[] => [
  put(keyIn('blob', root), encode({ ...row })),
  ...(row.expiresAtHeight === null ? [] : [put(expiryKey(root, row.expiresAtHeight), NO_VALUE)]),
];

export const removeBlobRow = (root: Uint8Array, row: BlobRow): KvOperation[] => [
  remove(keyIn('blob', root)),
  ...(row.expiresAtHeight === null ? [] : [remove(expiryKey(root, row.expiresAtHeight))]),
];

const expiryKey = (root: Uint8Array, height: Height): Uint8Array => keyIn('blobExpiry', u64be(height), root);

const quotaKey = (uploader: string): Uint8Array => keyIn('blobQuota', new Uint8Array(Buffer.from(uploader, 'utf8')));

/** Unregistered bytes of an uploader that are stored. */
export async function readQuota(kv: KeyValueStore, uploader: string): Promise<number> {
  const bytes = await kv.get(quotaKey(uploader));
  return bytes === undefined ? 0 : readU64(bytes);
}

export const putQuota = (uploader: string, bytes: number): KvOperation =>
  bytes > 0 ? put(quotaKey(uploader), u64be(bytes)) : remove(quotaKey(uploader));

/*
 * Who holds a block: the root of a blob, or an upload not yet finished. Kept both ways round, as rows rather than
 * counters: writing one twice changes nothing, and a crash between two batches leaves nothing to recount.
 */
export const UPLOAD_ID_PREFIX = new Uint8Array(CID_BYTES - 32);

export const hold = (owner: Uint8Array, block: Uint8Array): KvOperation[] => [
  put(keyIn('blobOwner', block, owner), NO_VALUE),
  put(keyIn('blobMember', owner, block), NO_VALUE),
];

export const release = (owner: Uint8Array, block: Uint8Array): KvOperation[] => [
  remove(keyIn('blobOwner', block, owner)),
  remove(keyIn('blobMember', owner, block)),
];

/** CIDs of the blocks that an owner holds, each once. */
export async function blocksOf(kv: KeyValueStore, owner: Uint8Array): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for await (const [key] of kv.iterate(rangeIn('blobMember', owner))) blocks.push(keyBody(key).slice(CID_BYTES));
  return blocks;
}

export async function isShared(kv: KeyValueStore, block: Uint8Array): Promise<boolean> {
  let owners = 0;
  for await (const _ of kv.iterate({ ...rangeIn('blobOwner', block), limit: 2 })) owners++;
  return owners > 1;
}

import type { Hash } from '../base/brand.ts';
import { concat, u64be } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { decodeNode } from '../ledger/tree/encode-node.ts';
import type { TreeReader, TreeRoot } from '../ledger/tree/types.ts';
import { StorageError } from './errors.ts';
import { atHeight, readU64, treeNodeKey } from './key-space.ts';
import { type KeyValueReader, NO_VALUE } from './kv.ts';

const HASH_BYTES = 32;
const ROOT_BYTES = HASH_BYTES + 8;

/** The root of one height: hash ‖ version, or nothing for the empty tree. */
export const encodeTreeRoot = (root: TreeRoot): Uint8Array =>
  root === null ? NO_VALUE : concat(root.hash, u64be(root.version));

function decodeTreeRoot(bytes: Uint8Array): TreeRoot {
  if (bytes.length === 0) return null;
  if (bytes.length !== ROOT_BYTES) throw new StorageError('storage.corrupt', { keySpace: 'treeRoot' });
  return { hash: bytes.slice(0, HASH_BYTES) as Hash, version: readU64(bytes, HASH_BYTES) };
}

/** The state root of a height that is stored and not pruned. */
export function readTreeRoot(reader: KeyValueReader, height: number): TreeRoot {
  const bytes = reader.getSync(atHeight('treeRoot', height));
  if (bytes === undefined) throw new StorageError('storage.corrupt', { keySpace: 'treeRoot', height });
  return decodeTreeRoot(bytes);
}

export const treeReaderOver = (primitives: Primitives, reader: KeyValueReader): TreeReader => ({
  node(key) {
    const bytes = reader.getSync(treeNodeKey(key));
    if (bytes === undefined) return undefined;
    const node = decodeNode(primitives, bytes);
    if (!node.ok) throw new StorageError('storage.corrupt', { keySpace: 'treeNode' });
    return node.value;
  },
});

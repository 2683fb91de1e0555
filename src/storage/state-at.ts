import type { Hash } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { bitAt } from '../ledger/tree/hashing.ts';
import type { TreeReader, TreeRoot } from '../ledger/tree/types.ts';
import { StorageError } from './errors.ts';
import { stateHistoryKey, stateKey, stateKeyBytes } from './key-space.ts';
import type { KeyValueReader } from './kv.ts';

/** A history row is the height that last replaced the value (8 bytes), then the value. */
export const HISTORY_HEADER_BYTES = 8;

/**
 * The value of `key` in the state with this root: the versioned tree names the hash of the value, and the value with
 * that hash is either still the current one or was moved to the history when it was replaced. O(log n) synchronous
 * reads, whatever the number of blocks in between, and a value that the state root does not prove is never answered.
 */
export function valueUnder(
  primitives: Primitives,
  reader: KeyValueReader,
  tree: TreeReader,
  root: TreeRoot,
  key: string,
): Uint8Array | undefined {
  const keyHash = primitives.hash(stateKeyBytes(key));
  const valueHash = findLeaf(tree, root, keyHash);
  if (valueHash === undefined) return undefined;

  const current = reader.getSync(stateKey(key));
  if (current !== undefined && equal(primitives.hash(current), valueHash)) return current;
  const replaced = reader.getSync(stateHistoryKey(keyHash, valueHash))?.subarray(HISTORY_HEADER_BYTES);
  if (replaced === undefined || !equal(primitives.hash(replaced), valueHash))
    throw new StorageError('storage.corrupt', { keySpace: 'stateHistory' });
  return replaced;
}

/** The value hash that the tree holds for `keyHash`, most significant bit first from the root. */
function findLeaf(tree: TreeReader, root: TreeRoot, keyHash: Hash): Hash | undefined {
  let child = root;
  let path = '';
  while (child !== null) {
    const node = tree.node({ path, version: child.version });
    if (node === undefined || !equal(node.hash, child.hash))
      throw new StorageError('storage.corrupt', { keySpace: 'treeNode', depth: path.length });
    if (node.kind === 'leaf') return equal(node.keyHash, keyHash) ? node.valueHash : undefined;
    const bit = bitAt(keyHash, path.length);
    child = bit === 0 ? node.left : node.right;
    path += bit;
  }
  return undefined;
}

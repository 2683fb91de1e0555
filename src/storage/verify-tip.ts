import type { Hash } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { rootHashOf } from '../ledger/tree/hashing.ts';
import { readPrunedBelow, readTip, type Tip } from './chain-rows.ts';
import { StorageError } from './errors.ts';
import { atHeight, blockHeightKey, readU64 } from './key-space.ts';
import type { KeyValueReader } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { readTreeRoot, treeReaderOver } from './stored-tree.ts';

/** What a block's bytes say of themselves: the ledger reads and hashes them, this folder does not. */
export interface BlockLink {
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** Root of the state after the block: 32 zero bytes for the empty tree. */
  readonly stateRoot: Hash;
}
export type ReadBlockLink = (block: Uint8Array) => BlockLink | undefined;

/**
 * The start-up check: the last `blocks` blocks are there, hash to their names, follow each other, and the newest
 * state's root node can be read. Throws 'storage.tip-damaged' with height and field, or 'storage.corrupt'.
 */
export function verifyTip(
  primitives: Primitives,
  reader: KeyValueReader,
  blocks: number,
  readLink: ReadBlockLink,
): Tip | undefined {
  const tip = readTip(reader);
  if (tip === undefined) return undefined;
  let expected: Uint8Array = tip.hash;
  for (let height: number = tip.height; height >= 0 && height > tip.height - blocks; height--) {
    const link = checkBlock(reader, height, expected, readLink);
    checkStateRoot(primitives, reader, height, link.stateRoot);
    expected = link.parentHash;
  }
  return tip;
}

/**
 * At opening: no block is missing, as far back as batches may have been lost. LevelDB may lose whole batches of its logs, or
 * the table that a log became, and keep later ones. A batch holds one block: where a block is, so are the rows of its height.
 */
export function verifyNoGap(reader: KeyValueReader): void {
  let height: number = readTip(reader)?.height ?? -1;
  for (let bytes = 0; height >= 0 && bytes < STORAGE_LIMITS.verifyRecentBytes; height--)
    for (const space of ['block', 'receipts', 'certificate'] as const) {
      const row = reader.getSync(atHeight(space, height));
      if (row === undefined && (space !== 'certificate' || height > 0)) throw damaged(height, space);
      bytes += row?.length ?? 0;
    }
}

function checkBlock(reader: KeyValueReader, height: number, hash: Uint8Array, readLink: ReadBlockLink): BlockLink {
  const block = reader.getSync(atHeight('block', height));
  const link = block === undefined ? undefined : readLink(block);
  if (link === undefined) throw damaged(height, 'block');
  if (!equal(link.hash, hash)) throw damaged(height, 'hash');
  const named = reader.getSync(blockHeightKey(link.hash));
  if (named === undefined || readU64(named) !== height) throw damaged(height, 'blockHeight');
  if (reader.getSync(atHeight('receipts', height)) === undefined) throw damaged(height, 'receipts');
  if (height > 0 && reader.getSync(atHeight('certificate', height)) === undefined) throw damaged(height, 'certificate');
  return link;
}

function checkStateRoot(primitives: Primitives, reader: KeyValueReader, height: number, stateRoot: Hash): void {
  if (height < readPrunedBelow(reader)) return;
  const root = readTreeRoot(reader, height);
  if (!equal(rootHashOf(root), stateRoot)) throw damaged(height, 'stateRoot');
  if (root === null) return;
  const node = treeReaderOver(primitives, reader).node({ path: '', version: root.version });
  if (node === undefined || !equal(node.hash, root.hash)) throw damaged(height, 'rootNode');
}

const damaged = (height: number, field: string): StorageError =>
  new StorageError('storage.tip-damaged', { height, field });

import { assert } from '../base/assert.ts';
import type { Address, Hash, Height } from '../base/brand.ts';
import { concat, equal, u64be } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { encodeNode } from '../ledger/tree/encode-node.ts';
import type { TreeUpdate } from '../ledger/tree/types.ts';
import type { Tip } from './chain-rows.ts';
import { putMeta } from './chain-rows.ts';
import {
  atHeight,
  auditKey,
  blockHeightKey,
  staleKey,
  stateHistoryKey,
  stateKey,
  stateKeyBytes,
  transactionKey,
  treeNodeKey,
  u32be,
} from './key-space.ts';
import { type KeyValueReader, type KvOperation, NO_VALUE, put, remove } from './kv.ts';
import { encodeTreeRoot } from './stored-tree.ts';

/** All that one final block changes on the disk. */
export interface CommitBatch {
  readonly height: Height;
  readonly hash: Hash;
  readonly block: Uint8Array;
  /** `null` for the genesis block alone. */
  readonly certificate: Uint8Array | null;
  readonly receipts: Uint8Array;
  /** In block order. */
  readonly transactionIds: readonly Hash[];
  /** State keys and their new values; `null` deletes. */
  readonly changes: ReadonlyMap<string, Uint8Array | null>;
  /** What the same changes do to the state tree. */
  readonly tree: TreeUpdate;
  /** The newest signing record when the block was decided: a record that is older later on is an old copy. */
  readonly signingSequence: number;
  readonly audit: readonly { readonly subject: Address; readonly index: number; readonly entry: Uint8Array }[];
}

/** The operations of one batch. Reads the values that the block replaces, to move them to the history. */
export function commitOperations(
  primitives: Primitives,
  reader: KeyValueReader,
  tip: Tip | undefined,
  batch: CommitBatch,
): KvOperation[] {
  assert(batch.height === (tip === undefined ? 0 : tip.height + 1), 'a commit follows the tip');
  assert((batch.certificate === null) === (batch.height === 0), 'every block but genesis has a certificate');
  const operations = [
    put(atHeight('block', batch.height), batch.block),
    put(atHeight('receipts', batch.height), batch.receipts),
    put(blockHeightKey(batch.hash), u64be(batch.height)),
    putMeta('tip', { height: batch.height, hash: batch.hash }),
    putMeta('signingSequence', batch.signingSequence),
  ];
  if (batch.certificate !== null) operations.push(put(atHeight('certificate', batch.height), batch.certificate));
  batch.transactionIds.forEach((id, index) => {
    operations.push(put(transactionKey(id), concat(u64be(batch.height), u32be(index))));
  });
  for (const { subject, index, entry } of batch.audit)
    operations.push(put(auditKey(subject, batch.height, index), entry));
  for (const [key, value] of batch.changes)
    operations.push(...changeRows(primitives, reader, batch.height, key, value));
  pushTree(operations, batch.height, batch.tree);
  return operations;
}

function changeRows(
  primitives: Primitives,
  reader: KeyValueReader,
  height: number,
  key: string,
  value: Uint8Array | null,
): KvOperation[] {
  const row = stateKey(key);
  const replaced = reader.getSync(row);
  const change = value === null ? remove(row) : put(row, value);
  if (replaced === undefined) return [change];
  if (value !== null && equal(replaced, value)) return [];
  const history = stateHistoryKey(primitives.hash(stateKeyBytes(key)), primitives.hash(replaced));
  return [
    change,
    put(history, concat(u64be(height), replaced)),
    put(staleKey('staleValue', height, history), NO_VALUE),
  ];
}

function pushTree(operations: KvOperation[], height: number, tree: TreeUpdate): void {
  operations.push(put(atHeight('treeRoot', height), encodeTreeRoot(tree.root)));
  for (const { key, node } of tree.written) operations.push(put(treeNodeKey(key), encodeNode(node)));
  for (const key of tree.stale) operations.push(put(staleKey('staleNode', height, treeNodeKey(key)), NO_VALUE));
}

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
  heightAndIndex,
  staleKey,
  staleNodeKey,
  stateHistoryKey,
  stateKey,
  stateKeyBytes,
  transactionKey,
  treeNodeKey,
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

/** Reads the values that a block replaces, to move them to the history. */
export type ReadCurrent = (key: string) => Uint8Array | undefined;

/** The operations of one batch. */
export const commitOperations = (
  primitives: Primitives,
  reader: KeyValueReader,
  tip: Tip | undefined,
  batch: CommitBatch,
): KvOperation[] => [...commitRows(primitives, (key) => reader.getSync(stateKey(key)), tip, batch)];

/** The same one by one: those of a full block need not all be in memory at once. */
export function commitRows(
  primitives: Primitives,
  current: ReadCurrent,
  tip: Tip | undefined,
  batch: CommitBatch,
): Iterable<KvOperation> {
  assert(batch.height === (tip === undefined ? 0 : tip.height + 1), 'a commit follows the tip');
  assert((batch.certificate === null) === (batch.height === 0), 'every block but genesis has a certificate');
  return rowsOf(primitives, current, batch);
}

function* rowsOf(primitives: Primitives, current: ReadCurrent, batch: CommitBatch): Generator<KvOperation> {
  const { height } = batch;
  yield put(atHeight('block', height), batch.block);
  yield put(atHeight('receipts', height), batch.receipts);
  yield put(blockHeightKey(batch.hash), u64be(height));
  yield putMeta('tip', { height, hash: batch.hash });
  yield putMeta('signingSequence', batch.signingSequence);
  if (batch.certificate !== null) yield put(atHeight('certificate', height), batch.certificate);
  for (const [index, id] of batch.transactionIds.entries())
    yield put(transactionKey(id), heightAndIndex(height, index));
  for (const { subject, index, entry } of batch.audit) yield put(auditKey(subject, height, index), entry);
  for (const [key, value] of batch.changes) yield* changeRows(primitives, height, key, value, current(key));
  // In line, and not by `yield*`: two rows of three are these.
  yield put(atHeight('treeRoot', height), encodeTreeRoot(batch.tree.root));
  for (const { key, node } of batch.tree.written) yield put(treeNodeKey(key), encodeNode(node));
  for (const key of batch.tree.stale) yield put(staleNodeKey(height, key), NO_VALUE);
}

function* changeRows(
  primitives: Primitives,
  height: number,
  key: string,
  value: Uint8Array | null,
  replaced: Uint8Array | undefined,
): Generator<KvOperation> {
  if (replaced !== undefined && value !== null && equal(replaced, value)) return;
  const row = stateKey(key);
  yield value === null ? remove(row) : put(row, value);
  if (replaced === undefined) return;
  const history = stateHistoryKey(primitives.hash(stateKeyBytes(key)), primitives.hash(replaced));
  yield put(history, concat(u64be(height), replaced));
  yield put(staleKey('staleValue', height, history), NO_VALUE);
}

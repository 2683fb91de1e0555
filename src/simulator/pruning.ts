import type { Height } from '../base/brand.ts';
import { u64be } from '../base/bytes.ts';
import { putMeta, readPrunedBelow } from '../storage/chain-rows.ts';
import { keyIn, rangeIn, readU64, staleTarget } from '../storage/key-space.ts';
import { type KvOperation, remove } from '../storage/kv.ts';
import type { SimulatedRows } from './rows.ts';

/**
 * What storage/chain-prune.ts does, on rows that answer without a promise: the mark first and durably, then the deletions in batches that
 * nobody waits for, so that a crash may undo any of them. Answers the rows deleted.
 */
export function pruneRows(rows: SimulatedRows, height: Height): number {
  if (height <= readPrunedBelow(rows.reader)) return 0;
  rows.batch([putMeta('prunedBelow', height)], { sync: true });
  let deleted = 0;
  for (const space of ['treeRoot', 'staleNode', 'staleValue'] as const) {
    const end = space === 'treeRoot' ? height : height + 1;
    const keys = rows.keys(rangeIn(space).gte, keyIn(space, u64be(end)));
    for (let at = 0; at < keys.length; at += ROWS_PER_BATCH)
      rows.batch(
        keys.slice(at, at + ROWS_PER_BATCH).flatMap((key) => deletions(rows, space, key)),
        { sync: false },
      );
    deleted += keys.length;
  }
  return deleted;
}

const ROWS_PER_BATCH = 100;

function deletions(
  rows: SimulatedRows,
  space: 'treeRoot' | 'staleNode' | 'staleValue',
  key: Uint8Array,
): KvOperation[] {
  if (space === 'staleNode') return [remove(key), remove(staleTarget('treeNode', key))];
  if (space === 'treeRoot') return [remove(key)];
  const target = staleTarget('stateHistory', key);
  const history = rows.getSync(target);
  const lastReplacedThen = history !== undefined && readU64(history) === readU64(key, 1);
  return lastReplacedThen ? [remove(key), remove(target)] : [remove(key)];
}

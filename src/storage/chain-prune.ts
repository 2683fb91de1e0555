import type { Height } from '../base/brand.ts';
import { u64be } from '../base/bytes.ts';
import { putMeta, readPrunedBelow } from './chain-rows.ts';
import { type KeySpaceName, keyIn, rangeIn, readU64, staleTarget } from './key-space.ts';
import type { KeyValueStore, KvOperation } from './kv.ts';
import { remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import type { Serial } from './serial.ts';

/**
 * Gives up the states below `height`: their tree roots, the nodes no later tree reads, the values no later state
 * holds. The mark comes first and durably, so that no reader meets half a tree; a crash half-way leaves rows that the
 * next pruning finds again. Returns the number of rows deleted.
 */
export async function pruneStates(kv: KeyValueStore, writes: Serial, height: Height): Promise<number> {
  await writes.run(async () => {
    if (height > readPrunedBelow(kv)) await kv.batch([putMeta('prunedBelow', height)], { sync: true });
  });
  let deleted = 0;
  for (const space of ['treeRoot', 'staleNode', 'staleValue'] as const)
    for (;;) {
      // One batch at a time in the commit's queue: a commit may replace, meanwhile, a value that returns to an older
      // one.
      const rows = await writes.run(() => pruneBatch(kv, space, height));
      deleted += rows;
      if (rows < STORAGE_LIMITS.pruneRowsPerBatch) break;
    }
  return deleted;
}

async function pruneBatch(kv: KeyValueStore, space: KeySpaceName, height: Height): Promise<number> {
  // What became stale *at* `height` served the states before it.
  const end = space === 'treeRoot' ? height : height + 1;
  const range = { gte: rangeIn(space).gte, lt: keyIn(space, u64be(end)), limit: STORAGE_LIMITS.pruneRowsPerBatch };
  const operations: KvOperation[] = [];
  let rows = 0;
  for await (const [key] of kv.iterate(range)) {
    rows++;
    operations.push(remove(key));
    if (space === 'staleNode') operations.push(remove(staleTarget('treeNode', key)));
    if (space === 'staleValue' && lastReplacedThen(kv, key)) operations.push(remove(staleTarget('stateHistory', key)));
  }
  // Synced as all batches are: only so does the start-up check know a torn tail from damage (level-log.ts).
  if (rows > 0) await kv.batch(operations, { sync: true });
  return rows;
}

/**
 * A value that came back and was replaced again later is named by a later stale row too, and still read by states in
 * between.
 */
function lastReplacedThen(kv: KeyValueStore, staleRow: Uint8Array): boolean {
  const history = kv.getSync(staleTarget('stateHistory', staleRow));
  return history !== undefined && readU64(history) === readU64(staleRow, 1);
}

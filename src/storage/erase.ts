import type { KeyValueStore } from './kv.ts';

/**
 * Deletes so that the bytes leave the disk (PRIVACY.md, "Shred"). LevelDB's deletion is a new row above the old one,
 * and rows that are still in its log go to a table together, the deleted ones included, where no compaction separates
 * them. Hence two compactions: the first carries the doomed values into a table, the second merges the deletions into
 * it. What the disk's own firmware keeps of overwritten blocks is beyond a process; values here are ciphertext.
 */
export async function erase(
  kv: KeyValueStore,
  keys: readonly Uint8Array[],
  deleteRows: () => Promise<void>,
): Promise<void> {
  for (const key of keys) await kv.compact(key, key);
  await deleteRows();
  for (const key of keys) await kv.compact(key, key);
}

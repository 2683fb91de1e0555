import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './durable-file.ts';
import { StorageError } from './errors.ts';
import { isLogWhole } from './level-log.ts';
import { liveTables } from './level-manifest.ts';
import { isTableWhole } from './level-table.ts';
import { STORAGE_LIMITS } from './limits.ts';

const LOG = /^(?:\d+\.log|MANIFEST-\d+)$/;
const TABLE = /^\d+\.(?:ldb|sst)$/;

/**
 * Compares a closed database's files with LevelDB's own checksums, before LevelDB opens it and drops in silence what does not fit.
 * Logs all; tables that are in use, the newest first, up to `checkedTableBytesMax`: what is older has been through many starts, and its values carry
 * sums of ours. Throws 'storage.corrupt' with the file's name.
 */
export async function checkLevelFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names.filter((each) => LOG.test(each)))
    if (!isLogWhole(await readFile(join(folder, name)))) throw damaged(name);
  const live = await liveTablesIn(folder);
  let bytes = 0;
  for (const name of names.filter((each) => TABLE.test(each)).sort(newestFirst)) {
    if (live?.has(numberOf(name)) === false) continue;
    bytes += (await stat(join(folder, name))).size;
    if (bytes > STORAGE_LIMITS.checkedTableBytesMax) return;
    if (!isTableWhole(await readFile(join(folder, name)))) throw damaged(name);
  }
}

/**
 * What the newest MANIFEST names. A process that was killed while it opened the database leaves half a table behind, which nobody reads.
 * `undefined`, so that every table is held to its sums, where there is no MANIFEST: then LevelDB itself refuses to open.
 */
async function liveTablesIn(folder: string): Promise<ReadonlySet<number> | undefined> {
  try {
    const manifest = (await readFile(join(folder, 'CURRENT'), 'latin1')).trim();
    return LOG.test(manifest) ? liveTables(await readFile(join(folder, manifest))) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const numberOf = (name: string): number => Number.parseInt(name, 10);
const newestFirst = (a: string, b: string): number => numberOf(b) - numberOf(a);

const damaged = (file: string): StorageError => new StorageError('storage.corrupt', { keySpace: 'database', file });

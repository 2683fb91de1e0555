import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { type BlobFiles, openBlobFiles } from './blob-files.ts';
import { isMissing, replaceFile, syncFolder } from './durable-file.ts';
import { StorageError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { openLevelStore } from './level-store.ts';
import { type KvOpener, WriteGuard } from './write-guard.ts';

/** Written to FORMAT. A change that older software would misread raises it. */
export const DATA_FORMAT = 2;

const FORMAT_FILE = 'FORMAT';
const CHAIN_FILE = 'CHAIN';
const LOCK_FILE = 'LOCK';
/**
 * Files of the host, which may be there before the database is, and the signing state, which outlives a database that was thrown
 * away to be fetched again: they are no reason to refuse the folder.
 */
const KEPT_FILES =
  /^(?:genesis\.json|node\.json|keys\.json|handles\.json|candidate\.json|signing-state|signing-state-next|.+\.log)$/;
/** Stands from the first step of initialisation to the last: what it stands beside may be thrown away. */
const UNFINISHED_FILE = 'INITIALISING';

/**
 * A node's data folder, held by this process until `close`:
 *
 *   LOCK            pid of the holder
 *   FORMAT          'carechain-data 2'
 *   CHAIN           chain id in hexadecimal
 *   chain/          LevelDB: blocks, state, indexes (key-space.ts)
 *   blobs/          LevelDB: blobs, envelopes, fragments; excluded from backups (PRIVACY.md, "Shred")
 *   blobs/content/  of large blobs what follows their first 16 MiB, a file each, named by the CID
 *   signing-state   what this validator has voted
 *   signing-state-next   the first record of a validator key that waits for its height
 *
 * The host keeps genesis.json, node.json, keys.json, handles.json and logs beside them.
 */
export interface DataFolder {
  readonly path: string;
  readonly openChain: KvOpener;
  readonly openBlobs: KvOpener;
  readonly openBlobFiles: () => Promise<BlobFiles>;
  readonly signingStatePath: string;
  /** Releases the lock. Close the stores first. */
  close(): Promise<void>;
}

/**
 * Opens an initialised folder of this chain, or throws: 'storage.locked', '….format-newer', '….foreign-chain' and so
 * on.
 */
export async function openDataFolder(path: string, chainId: Hash): Promise<DataFolder> {
  return locked(path, async (folder) => {
    await checkFormat(folder);
    await checkChain(folder, chainId);
  });
}

/**
 * Makes a new data folder, then opens it. The folder may be missing or empty; an initialisation cut short is begun
 * again.
 */
export async function initialiseDataFolder(path: string, chainId: Hash): Promise<DataFolder> {
  await mkdir(path, { recursive: true });
  return locked(path, (folder) => initialise(folder, chainId));
}

/** True where `initialiseDataFolder` came to its end. */
export async function isInitialised(path: string): Promise<boolean> {
  return (await readText(join(path, FORMAT_FILE))) !== undefined;
}

async function locked(path: string, prepare: (folder: string) => Promise<void>): Promise<DataFolder> {
  const folder = await realpath(path).catch((error: unknown) => {
    throw isMissing(error) ? new StorageError('storage.not-initialised', {}, error) : error;
  });
  const release = await lockFolder(join(folder, LOCK_FILE));
  try {
    await prepare(folder);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    path: folder,
    openChain: async () => new WriteGuard(await openLevelStore(join(folder, 'chain'), { create: false })),
    openBlobs: async () => new WriteGuard(await openLevelStore(join(folder, 'blobs'), { create: false })),
    openBlobFiles: () => openBlobFiles(join(folder, 'blobs', 'content')),
    signingStatePath: join(folder, 'signing-state'),
    close: release,
  };
}

async function initialise(folder: string, chainId: Hash): Promise<void> {
  const names = new Set(await readdir(folder));
  if (names.has(FORMAT_FILE)) throw new StorageError('storage.already-initialised');
  if (names.has(UNFINISHED_FILE))
    for (const name of ['chain', 'blobs', CHAIN_FILE]) await rm(join(folder, name), { recursive: true, force: true });
  else if ([...names].some((name) => !name.startsWith(LOCK_FILE) && !KEPT_FILES.test(name)))
    throw new StorageError('storage.folder-not-empty');

  await writeFile(join(folder, UNFINISHED_FILE), '');
  await syncFolder(folder);
  for (const name of ['chain', 'blobs']) await (await openLevelStore(join(folder, name), { create: true })).close();
  await replaceFile(join(folder, CHAIN_FILE), async (file) => void (await file.write(`${toHex(chainId)}\n`)));
  await replaceFile(
    join(folder, FORMAT_FILE),
    async (file) => void (await file.write(`carechain-data ${DATA_FORMAT}\n`)),
  );
  await rm(join(folder, UNFINISHED_FILE));
  await syncFolder(folder);
}

async function checkFormat(folder: string): Promise<void> {
  const text = await readText(join(folder, FORMAT_FILE));
  if (text === undefined) throw new StorageError('storage.not-initialised');
  const match = /^carechain-data (\d{1,6})\n$/.exec(text);
  if (match === null) throw new StorageError('storage.format-unknown', { file: FORMAT_FILE });
  const format = Number(match[1]);
  if (format > DATA_FORMAT) throw new StorageError('storage.format-newer', { format, supported: DATA_FORMAT });
  if (format !== DATA_FORMAT) throw new StorageError('storage.format-unknown', { format, supported: DATA_FORMAT });
}

async function checkChain(folder: string, chainId: Hash): Promise<void> {
  const text = (await readText(join(folder, CHAIN_FILE))) ?? '';
  if (!/^[0-9a-f]{64}\n$/.test(text)) throw new StorageError('storage.format-unknown', { file: CHAIN_FILE });
  if (text !== `${toHex(chainId)}\n`) throw new StorageError('storage.foreign-chain', { chainId: text.trim() });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

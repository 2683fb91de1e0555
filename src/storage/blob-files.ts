import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, syncFolder } from './durable-file.ts';
import { causeCode, StorageError } from './errors.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { streamed } from './stream-garbage.ts';

/**
 * Where the tails of large blobs lie (ADR 0020): each in a file of its own. LevelDB would write every
 * byte some five times over and map its tables into memory; a file is written once, and gone when it is removed.
 */
export interface BlobFiles {
  /** Begins a file that has no name yet: `sweep` removes it unless it is kept. */
  begin(): Promise<BlobFileWriter>;
  /** `undefined` where there is no file of this name. */
  open(name: string): Promise<BlobFileReader | undefined>;
  /** Also where it is missing. Who reads it at this moment still reads it to its end. */
  remove(name: string): Promise<void>;
  /** Removes what a crash left behind: files that have no name, and those that nothing names any more. */
  sweep(isNamed: (name: string) => Promise<boolean>): Promise<void>;
}

export interface BlobFileWriter {
  /** Resolves once the bytes may be overwritten. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the content durable and gives it its name, in the place of whatever had it. */
  keep(name: string): Promise<void>;
  /** Throws the file away. After `keep` it does nothing. */
  drop(): Promise<void>;
}

export interface BlobFileReader {
  /** The next `bytesMax` bytes, fewer at the end. */
  next(bytesMax: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

const UNNAMED = /^\.upload-/;

/** One folder of the host's file system. Throws `StorageError`: 'storage.write-failed' and 'storage.read-failed'. */
export async function openBlobFiles(folder: string): Promise<BlobFiles> {
  await mkdir(folder, { recursive: true });
  let uploads = 0;
  return {
    async begin() {
      const path = join(folder, `.upload-${process.pid}-${++uploads}`);
      return writerOf(folder, path, await writing(open(path, 'w')));
    },
    async open(name) {
      const file = await open(join(folder, name), 'r').catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw readFailure(error);
      });
      return file === undefined ? undefined : readerOf(file);
    },
    remove: (name) => writing(rm(join(folder, name), { force: true })),
    async sweep(isNamed) {
      for (const name of await readdir(folder))
        if (UNNAMED.test(name) || !(await isNamed(name))) await writing(rm(join(folder, name), { force: true }));
    },
  };
}

function writerOf(folder: string, path: string, file: FileHandle): BlobFileWriter {
  let unsyncedBytes = 0;
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await file.close();
  };
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; )
        at += (await writing(file.write(bytes, at, bytes.length - at))).bytesWritten;
      streamed(bytes.length);
      unsyncedBytes += bytes.length;
      // Now and then, so that the disk holds the sender back, and the end does not wait for gigabytes.
      if (unsyncedBytes < STORAGE_LIMITS.blobUnsyncedBytesMax) return;
      unsyncedBytes = 0;
      await writing(file.datasync());
    },
    async keep(name) {
      await writing(file.sync());
      await close();
      await writing(rename(path, join(folder, name)));
      await writing(syncFolder(folder));
    },
    async drop() {
      await close();
      await rm(path, { force: true });
    },
  };
}

function readerOf(file: FileHandle): BlobFileReader {
  return {
    async next(bytesMax) {
      const bytes = new Uint8Array(bytesMax);
      let filled = 0;
      while (filled < bytesMax) {
        const { bytesRead } = await file.read(bytes, filled, bytesMax - filled).catch((error: unknown) => {
          throw readFailure(error);
        });
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      streamed(filled);
      return bytes.subarray(0, filled);
    },
    close: () => file.close(),
  };
}

async function writing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StorageError('storage.write-failed', { cause: causeCode(error) }, error);
  }
}

const readFailure = (error: unknown): StorageError =>
  new StorageError('storage.read-failed', { cause: causeCode(error) }, error);

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { initialSigningRecord, type Signer } from '../protocol/recovery.ts';
import { isMissing, replaceFile } from '../storage/durable-file.ts';

/**
 * The first record of a validator key that waits for its height. It is made with the key, in the data folder, and is gone once the key
 * votes: whoever finds it knows that the key has signed nothing. A key file alone, put back from a backup, does not say that.
 */
const FILE = 'signing-state-next';

export async function writeNextRecord(dataFolder: string, signer: Signer): Promise<void> {
  await replaceFile(join(dataFolder, FILE), async (file) => {
    await file.chmod(0o600);
    await file.writeFile(initialSigningRecord(signer));
  });
}

/** Null where no key waits. */
export async function readNextRecord(dataFolder: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(join(dataFolder, FILE)));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export const dropNextRecord = (dataFolder: string): Promise<void> => rm(join(dataFolder, FILE), { force: true });

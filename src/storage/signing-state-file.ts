import { type FileHandle, open, readFile } from 'node:fs/promises';
import { isMissing, replaceFile } from './durable-file.ts';
import { causeCode, StorageError } from './errors.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import {
  decodeFile,
  encodeHeader,
  encodeSlot,
  fileBytes,
  type SigningStateRead,
  sectorsFor,
  slotOffset,
} from './signing-state-sectors.ts';

export interface SigningStateOptions {
  /** Whether the chain has a block beyond genesis: then a missing file means a lost one, and the key must not sign. */
  readonly chainHasBlocks: boolean;
  /** Room for one state, fixed when the file is made. */
  readonly stateBytesMax?: number;
}

/**
 * What this validator has signed, durable before any vote leaves (CHAIN.md, "Votes and certificates"). The file has a
 * fixed size and a write is one `pwrite` and one fdatasync. A validator whose file is missing or damaged follows the
 * chain and never signs with that key again.
 */
export class SigningStateFile {
  readonly #file: FileHandle;
  readonly #slotSectors: number;
  readonly #writes = new Serial();
  #at: SigningStateRead;
  #failure: StorageError | null = null;

  private constructor(file: FileHandle, slotSectors: number, at: SigningStateRead) {
    this.#file = file;
    this.#slotSectors = slotSectors;
    this.#at = at;
  }

  /** Throws 'signing-state.missing' or 'signing-state.damaged'. */
  static async open(path: string, options: SigningStateOptions): Promise<SigningStateFile> {
    let bytes = await readIfThere(path);
    if (bytes === undefined) {
      if (options.chainHasBlocks) throw new StorageError('signing-state.missing');
      bytes = await create(path, sectorsFor(options.stateBytesMax ?? STORAGE_LIMITS.signingStateBytesMax));
    }
    const at = decodeFile(bytes);
    if (at === undefined) throw new StorageError('signing-state.damaged');
    const slotSectors = (bytes.length / fileBytes(0) - 1) / 2;
    return new SigningStateFile(await open(path, 'r+'), slotSectors, at);
  }

  /** The newest state that was written to its end, or `null` before the first. */
  get state(): Uint8Array | null {
    return this.#at.state;
  }

  /** Durable when it resolves. After a failure nothing more is written: reopen to learn what the disk holds. */
  write(state: Uint8Array): Promise<void> {
    return this.#writes.run(async () => {
      if (this.#failure !== null) throw new StorageError('storage.poisoned', {}, this.#failure);
      if (sectorsFor(state.length) > this.#slotSectors)
        throw new StorageError('signing-state.too-large', { bytes: state.length });
      try {
        await this.#writeSlot(state.slice());
      } catch (error) {
        this.#failure = new StorageError('storage.write-failed', { cause: causeCode(error) }, error);
        throw this.#failure;
      }
    });
  }

  async #writeSlot(state: Uint8Array): Promise<void> {
    const { nextSlot, newest, sequence: previous } = this.#at;
    const sequence = newest + 1;
    const offset = slotOffset(nextSlot, this.#slotSectors);
    const sectors = encodeSlot(state, sequence, previous, offset / fileBytes(0));
    const { bytesWritten } = await this.#file.write(sectors, 0, sectors.length, offset);
    if (bytesWritten !== sectors.length) throw new Error('short write');
    await this.#file.datasync();
    this.#at = { state, sequence, newest: sequence, nextSlot: nextSlot === 0 ? 1 : 0 };
  }

  async close(): Promise<void> {
    await this.#writes.run(() => this.#file.close());
  }
}

async function create(path: string, slotSectors: number): Promise<Uint8Array> {
  await replaceFile(path, async (file) => {
    await file.write(encodeHeader(slotSectors));
    await file.truncate(fileBytes(slotSectors));
  });
  return readFile(path);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

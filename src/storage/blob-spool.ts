import { BLOB_CHUNK_BYTES } from './blob-cid.ts';
import type { BlobFiles, BlobFileWriter } from './blob-files.ts';

export interface SpoolOptions {
  /** So many leaves go to `leaf`; what follows goes to a file. */
  readonly rowLeavesMax: number;
  /** Takes one leaf's bytes, which it may keep. */
  readonly leaf: (bytes: Uint8Array) => Promise<void>;
}

/** The content of one upload on its way to the disk: its first leaves to rows, one by one, and the rest of a large one to a file as it comes. */
export class BlobSpool {
  readonly #files: BlobFiles;
  readonly #options: SpoolOptions;
  #head = new Uint8Array(BLOB_CHUNK_BYTES);
  #headBytes = 0;
  #leaves = 0;
  #file: BlobFileWriter | undefined;

  constructor(files: BlobFiles, options: SpoolOptions) {
    this.#files = files;
    this.#options = options;
  }

  /** Passes content on, each piece once it is written: a slow disk slows the sender. */
  async *through(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      await this.#take(piece);
      yield piece;
    }
    // A blob of no bytes has one leaf all the same.
    if (this.#headBytes > 0 || this.#leaves === 0) await this.#flush();
  }

  /** Makes a large blob's file durable, under its name. */
  async keep(name: string): Promise<void> {
    await this.#file?.keep(name);
  }

  /** After `keep` it does nothing. */
  async drop(): Promise<void> {
    await this.#file?.drop();
  }

  async #take(piece: Uint8Array): Promise<void> {
    let at = 0;
    while (at < piece.length && this.#leaves < this.#options.rowLeavesMax) {
      const taken = piece.subarray(at, at + BLOB_CHUNK_BYTES - this.#headBytes);
      this.#head.set(taken, this.#headBytes);
      this.#headBytes += taken.length;
      at += taken.length;
      if (this.#headBytes === BLOB_CHUNK_BYTES) await this.#flush();
    }
    if (at === piece.length) return;
    this.#file ??= await this.#files.begin();
    await this.#file.write(piece.subarray(at));
  }

  async #flush(): Promise<void> {
    const bytes = this.#head.subarray(0, this.#headBytes);
    this.#head = new Uint8Array(BLOB_CHUNK_BYTES);
    this.#headBytes = 0;
    this.#leaves++;
    await this.#options.leaf(bytes);
  }
}

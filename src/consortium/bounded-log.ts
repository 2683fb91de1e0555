import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of one log file. With the one before it kept as `.1`, a process owns at most twice this much disk. */
export const LOG_FILE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * A log file of bounded size: past the limit it becomes `<file>.1` and a new one is begun. Writes are synchronous, so what a
 * process said last is on its way to disk when it is killed. A disk that refuses costs the log, never the process: output
 * is dropped from then on, and `failure` says why.
 */
export class BoundedLog {
  readonly #path: string;
  readonly #bytesMax: number;
  #descriptor: number | undefined;
  #bytes = 0;
  #failure: Error | undefined;

  constructor(path: string, bytesMax: number = LOG_FILE_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#attempt(() => {
      mkdirSync(dirname(path), { recursive: true });
      this.#open();
    });
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  write(chunk: Uint8Array): void {
    this.#attempt(() => {
      // A chunk larger than a whole file keeps its end, which says more of a crash than its beginning.
      const bytes = chunk.length > this.#bytesMax ? chunk.subarray(chunk.length - this.#bytesMax) : chunk;
      if (this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
      if (this.#descriptor === undefined) return;
      this.#bytes += writeSync(this.#descriptor, bytes);
    });
  }

  close(): void {
    this.#attempt(() => {
      if (this.#descriptor !== undefined) closeSync(this.#descriptor);
      this.#descriptor = undefined;
    });
  }

  #open(): void {
    this.#descriptor = openSync(this.#path, 'a');
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  #rotate(): void {
    this.close();
    renameSync(this.#path, `${this.#path}.1`);
    this.#open();
  }

  #attempt(action: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      action();
    } catch (error) {
      this.#failure = error as Error;
    }
  }
}

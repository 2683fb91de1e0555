import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MarkerForm } from './marker-forms.ts';

const READ_BYTES = 1_048_576;

export interface MarkerHit {
  readonly file: string;
  readonly encoding: string;
  /** Where it begins, in bytes from the start. */
  readonly offset: number;
}

/** Looks for markers in a stream of chunks; what lies across two chunks is found too. */
export class MarkerScanner {
  readonly #forms: readonly MarkerForm[];
  readonly #found = new Map<string, number>();
  readonly #keep: number;
  #tail: Buffer = Buffer.alloc(0);
  /** Bytes before the tail. */
  #before = 0;

  constructor(forms: readonly MarkerForm[]) {
    this.#forms = forms;
    this.#keep = Math.max(0, ...forms.map(({ bytes }) => bytes.length - 1));
  }

  /** The first place of each encoding found so far. */
  get found(): ReadonlyMap<string, number> {
    return this.#found;
  }

  push(chunk: Uint8Array): void {
    const window = Buffer.concat([this.#tail, chunk]);
    for (const { encoding, bytes } of this.#forms) {
      if (this.#found.has(encoding)) continue;
      const at = window.indexOf(bytes);
      if (at >= 0) this.#found.set(encoding, this.#before + at);
    }
    const tail = window.subarray(Math.max(0, window.length - this.#keep));
    this.#before += window.length - tail.length;
    this.#tail = Buffer.from(tail);
  }
}

export async function searchFile(path: string, forms: readonly MarkerForm[]): Promise<readonly MarkerHit[]> {
  const scanner = new MarkerScanner(forms);
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) scanner.push(chunk as Buffer);
  return [...scanner.found].map(([encoding, offset]) => ({ file: path, encoding, offset }));
}

/** Every byte of every file below the given folders, and every name on the way. */
export async function searchFolders(
  folders: readonly string[],
  forms: readonly MarkerForm[],
): Promise<{ readonly hits: readonly MarkerHit[]; readonly files: number; readonly bytes: number }> {
  const hits: MarkerHit[] = [];
  let files = 0;
  let bytes = 0;
  for (const folder of folders)
    for (const path of await filesBelow(folder)) {
      files++;
      bytes += (await lstat(path)).size;
      hits.push(...searchName(path, forms), ...(await searchFile(path, forms)));
    }
  return { hits, files, bytes };
}

function searchName(path: string, forms: readonly MarkerForm[]): readonly MarkerHit[] {
  const scanner = new MarkerScanner(forms);
  scanner.push(Buffer.from(path, 'utf8'));
  return [...scanner.found.keys()].map((encoding) => ({ file: path, encoding: `name:${encoding}`, offset: 0 }));
}

/** Regular files below a folder, sorted by path. Links are not followed. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

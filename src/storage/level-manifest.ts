import { batchesOf } from './level-log.ts';
import { readVarint } from './varint.ts';

/* LevelDB's version_edit.cc: fields of an edit, each a tag and what belongs to it. */
const COMPARATOR = 1;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
/** Log number, next file number, last sequence, previous log number. */
const NUMBERS: ReadonlySet<number> = new Set([2, 3, 4, 9]);

/** Reads one edit from its front. Each answers `undefined` where the bytes are no edit. */
class EditReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): number | undefined {
    const read = readVarint(this.#bytes, this.#at);
    if (read !== undefined) this.#at = read.end;
    return read?.value;
  }

  /** Whether a piece of text, or a key, was there to be skipped. */
  skipSlice(): boolean {
    const length = this.number();
    if (length === undefined || this.#at + length > this.#bytes.length) return false;
    this.#at += length;
    return true;
  }
}

/**
 * The numbers of the tables that a MANIFEST names. Any other table in the folder is of no use: the process ended while it was written, and
 * LevelDB deletes it when it opens. `undefined` where the bytes are no MANIFEST.
 */
export function liveTables(manifest: Uint8Array): ReadonlySet<number> | undefined {
  const live = new Set<number>();
  for (const edit of batchesOf(manifest)) if (!apply(edit, live)) return undefined;
  return live;
}

function apply(edit: Uint8Array, live: Set<number>): boolean {
  const reader = new EditReader(edit);
  while (!reader.done) {
    const tag = reader.number() ?? 0;
    if (tag === COMPARATOR) {
      if (!reader.skipSlice()) return false;
    } else if (NUMBERS.has(tag)) {
      if (reader.number() === undefined) return false;
    } else if (tag === COMPACT_POINTER) {
      if (reader.number() === undefined || !reader.skipSlice()) return false;
    } else if (tag === DELETED_FILE || tag === NEW_FILE) {
      const [level, file] = [reader.number(), reader.number()];
      if (level === undefined || file === undefined) return false;
      if (tag === DELETED_FILE) live.delete(file);
      else if (reader.number() !== undefined && reader.skipSlice() && reader.skipSlice()) live.add(file);
      else return false;
    } else return false;
  }
  return true;
}

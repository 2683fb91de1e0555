import { fromHex, toHex } from '../base/bytes.ts';
import { seal, unseal } from './checksum.ts';
import { StorageError } from './errors.ts';
import type { KeyValueReader, KeyValueSnapshot, KeyValueStore, KvEntry, KvOperation, KvRange } from './kv.ts';

/** The bytes of a memory store, which outlive it as a disk outlives a process. Keys are hexadecimal, values sealed. */
export interface MemoryImage {
  rows: Map<string, Uint8Array>;
}

export const memoryImage = (): MemoryImage => ({ rows: new Map() });

/** For tests and the simulator: opening the same image again finds what was written. */
export const openMemoryStore = (image: MemoryImage = memoryImage()): KeyValueStore => new MemoryStore(image);

class MemoryReader implements KeyValueReader {
  protected closed = false;
  readonly #rows: () => Map<string, Uint8Array>;

  constructor(rows: () => Map<string, Uint8Array>) {
    this.#rows = rows;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.getSync(key);
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    this.checkOpen();
    const stored = this.#rows().get(toHex(key));
    return stored === undefined ? undefined : unseal(key, stored).slice();
  }

  /** As LevelDB's iterators do, it shows the rows of the moment it began. */
  async *iterate(range: KvRange): AsyncGenerator<KvEntry> {
    this.checkOpen();
    const [gte, lt] = [toHex(range.gte), toHex(range.lt)];
    const found = [...this.#rows()].filter(([key]) => key >= gte && key < lt);
    found.sort(([a], [b]) => (a < b ? -1 : 1));
    if (range.reverse === true) found.reverse();
    for (const [hex, stored] of found.slice(0, range.limit)) {
      const key = fromHex(hex) as Uint8Array;
      yield [key, unseal(key, stored).slice()];
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  protected checkOpen(): void {
    if (this.closed) throw new StorageError('storage.closed');
  }
}

class MemoryStore extends MemoryReader implements KeyValueStore {
  readonly #image: MemoryImage;

  constructor(image: MemoryImage) {
    super(() => image.rows);
    this.#image = image;
  }

  async batch(operations: Iterable<KvOperation>): Promise<void> {
    this.checkOpen();
    for (const operation of operations) {
      const hex = toHex(operation.key);
      if (operation.type === 'put') this.#image.rows.set(hex, seal(operation.key, operation.value));
      else this.#image.rows.delete(hex);
    }
  }

  snapshot(): KeyValueSnapshot {
    this.checkOpen();
    const copy = new Map(this.#image.rows);
    return new MemoryReader(() => copy);
  }

  async compact(): Promise<void> {
    this.checkOpen();
  }
}

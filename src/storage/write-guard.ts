import { causeCode, StorageError } from './errors.ts';
import type { KeyValueReader, KeyValueSnapshot, KeyValueStore, KvOperation, KvRange } from './kv.ts';

/** Opens the same data again: what a store needs at first, and after a failed write. */
export type KvOpener = () => Promise<WriteGuard>;

/**
 * After one failed write, every later call throws 'storage.poisoned'. LevelDB, once it met a full disk, may
 * acknowledge writes with `sync: true` on the same handle and lose them: only a fresh handle, verified, tells what is
 * stored.
 *
 * Stores ask for this class by name, so that none can be built on an unguarded handle; those that share a handle
 * share its guard.
 */
export class WriteGuard implements KeyValueStore {
  readonly #inner: KeyValueStore;
  #failure: StorageError | null = null;

  constructor(inner: KeyValueStore) {
    this.#inner = inner;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#usable().get(key);
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    return this.#usable().getSync(key);
  }

  iterate(range: KvRange): ReturnType<KeyValueReader['iterate']> {
    return this.#usable().iterate(range);
  }

  snapshot(): KeyValueSnapshot {
    return this.#usable().snapshot();
  }

  async batch(operations: Iterable<KvOperation>, options: { readonly sync: boolean }): Promise<void> {
    await this.#poisonOnFailure(this.#usable().batch(operations, options));
    // A write that was under way while another failed is as doubtful as the failed one.
    this.#usable();
  }

  /** Compaction writes too. */
  async compact(start: Uint8Array, end: Uint8Array): Promise<void> {
    await this.#poisonOnFailure(this.#usable().compact(start, end));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #poisonOnFailure(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (error) {
      this.#failure ??= new StorageError('storage.write-failed', { cause: causeCode(error) }, error);
      throw this.#failure;
    }
  }

  #usable(): KeyValueStore {
    if (this.#failure !== null) throw new StorageError('storage.poisoned', {}, this.#failure);
    return this.#inner;
  }
}

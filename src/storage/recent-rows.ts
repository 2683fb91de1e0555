import { assert } from '../base/assert.ts';
import type { Height } from '../base/brand.ts';
import { STORAGE_LIMITS } from './limits.ts';

/**
 * Values of the newest durable state that were asked for lately, so that what every transaction reads (parameters, policies, keys,
 * nonces) is read from the disk and held to its checksum once. It answers for one height alone: a view of another reads its own snapshot.
 * The same bytes are handed out each time, so that whoever decoded them need not do so again. One instance serves one handle of the
 * store, until that is reopened: nobody knows then what the disk holds.
 */
export class RecentRows {
  readonly #rows = new Map<string, Uint8Array | undefined>();
  #bytes = 0;
  #height: Height | null = null;

  /** The value in the state after `height`: what `read` gives, remembered where it is of the newest state. */
  get(height: Height, key: string, read: (key: string) => Uint8Array | undefined): Uint8Array | undefined {
    if (height !== this.#height) return read(key);
    const known = this.#rows.get(key);
    if (known !== undefined || this.#rows.has(key)) return known;
    const value = read(key);
    this.#set(key, value);
    this.#makeRoom();
    return value;
  }

  /** The block of `height` is durable. Only rows that were read before are kept: what is written for the first time is seldom read soon. */
  advance(height: Height, changes: ReadonlyMap<string, Uint8Array | null>): void {
    assert(this.#height === null || this.#height === height - 1, 'durable blocks follow each other');
    this.#height = height;
    for (const [key, value] of changes)
      if (this.#rows.get(key) === undefined) this.#rows.delete(key);
      else this.#set(key, value ?? undefined);
    this.#makeRoom();
  }

  #set(key: string, value: Uint8Array | undefined): void {
    this.#bytes += (value?.length ?? 0) - (this.#rows.get(key)?.length ?? 0);
    this.#rows.set(key, value);
  }

  /** Forgets the rows that came first. */
  #makeRoom(): void {
    const { recentRowsMax, recentRowBytesMax } = STORAGE_LIMITS;
    for (const [key, value] of this.#rows) {
      if (this.#rows.size <= recentRowsMax && this.#bytes <= recentRowBytesMax) return;
      this.#rows.delete(key);
      this.#bytes -= value?.length ?? 0;
    }
  }
}

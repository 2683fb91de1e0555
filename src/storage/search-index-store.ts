import type { Address } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { erase } from './erase.ts';
import { keyIn } from './key-space.ts';
import { put, remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import type { WriteGuard } from './write-guard.ts';

export type SearchIndexRefusal = 'search-index.too-large';

/**
 * Patients' encrypted search indexes, beside the blobs: small, off chain, erasable. One row for each patient holds the whole index, so that it
 * is replaced at once or not at all, one checksum covers it, and what it replaces leaves the disk with it: labels of the old build would
 * still answer the old trapdoors.
 */
export class SearchIndexStore {
  readonly #kv: WriteGuard;
  readonly #writes = new Serial();

  constructor(kv: WriteGuard) {
    this.#kv = kv;
  }

  get(patient: Address): Promise<Uint8Array | undefined> {
    return this.#kv.get(keyIn('searchIndex', patient));
  }

  /** What `change` makes of the row that is there; `undefined` erases it. Nothing else writes meanwhile. */
  replace<Code extends string>(
    patient: Address,
    change: (before: Uint8Array | undefined) => Result<Uint8Array | undefined, Code>,
  ): Promise<Result<null, Code | SearchIndexRefusal>> {
    const key = keyIn('searchIndex', patient);
    return this.#writes.run(async () => {
      const before = await this.#kv.get(key);
      const after = change(before);
      if (!after.ok) return after;
      if (after.value !== undefined && after.value.length > STORAGE_LIMITS.searchIndexBytesMax)
        return refuse('search-index.too-large', { bytesMax: STORAGE_LIMITS.searchIndexBytesMax });
      const operation = after.value === undefined ? remove(key) : put(key, after.value);
      await erase(this.#kv, before === undefined ? [] : [key], () => this.#kv.batch([operation], { sync: true }));
      return ok(null);
    });
  }
}

import type { NodeService } from '../api/service.ts';
import type { Address, Hash } from '../base/brand.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { INDEX_ENTRY_BYTES } from '../crypto/search/index-build.ts';
import { readIndex } from '../crypto/search/index-bytes.ts';
import { BUILD_BYTES, type IndexName } from '../crypto/search/keys.ts';
import { matchTrapdoor } from '../crypto/search/trapdoor.ts';
import { StorageError } from '../storage/errors.ts';
import { STORAGE_LIMITS } from '../storage/limits.ts';
import type { SearchIndexStore } from '../storage/search-index-store.ts';

/** Whose chain and node it is: what an index's name holds beside what the device says. */
export interface SearchPlace {
  readonly chainId: Hash;
  readonly hospital: Address;
}

const rowShape = shape.struct({
  epoch: shape.uint(CRYPTO_LIMITS.versionMax),
  build: shape.bytes(BUILD_BYTES),
  entries: shape.bytes(INDEX_ENTRY_BYTES, STORAGE_LIMITS.searchIndexBytesMax),
});

/** Patients' search indexes at this hospital (docs/specification/search.md). It sees labels and sealed postings, never a keyword or a record. */
export class SearchDesk {
  readonly #place: SearchPlace;
  readonly #store: SearchIndexStore;

  constructor(place: SearchPlace, store: SearchIndexStore) {
    this.#place = place;
    this.#store = store;
  }

  /** SE-9: the whole index, in place of the one before. Epochs only go up, else an old device would bring ended trapdoors back. */
  async store(patient: Address, index: SearchIndexUpload): Promise<Result<{ readonly entries: number }>> {
    const { epoch, build, entries } = index;
    const read = readIndex(this.#nameOf(index), entries);
    if (!read.ok) return read;
    const replaced = await this.#store.replace(patient, (before) => {
      const stored = before === undefined ? undefined : rowOf(before);
      if (stored !== undefined && stored.epoch > epoch)
        return refuse('node-search.epoch-ended', { epoch: stored.epoch });
      return ok(entries.length === 0 ? undefined : encode({ epoch, build, entries }));
    });
    return replaced.ok ? ok({ entries: entries.length / INDEX_ENTRY_BYTES }) : replaced;
  }

  /** SE-10: the sealed postings under a trapdoor's labels. Where no index has that name, the refusal is that of another index. */
  async search(patient: Address, { labelKey, ...named }: SearchQuestion): Promise<Result<readonly Uint8Array[]>> {
    const bytes = await this.#store.get(patient);
    if (bytes === undefined) return refuse('crypto-search.wrong-index');
    const row = rowOf(bytes);
    const index = readIndex(this.#nameOf(row), row.entries);
    if (!index.ok) throw new StorageError('storage.corrupt', { keySpace: 'searchIndex' });
    return matchTrapdoor(index.value, { name: this.#nameOf(named), labelKey });
  }

  #nameOf({ epoch, build }: Pick<IndexName, 'epoch' | 'build'>): IndexName {
    return { ...this.#place, epoch, build };
  }
}

type SearchIndexUpload = Parameters<NodeService['storeSearchIndex']>[1];
type SearchQuestion = Parameters<NodeService['search']>[1];

function rowOf(bytes: Uint8Array): shape.Shaped<typeof rowShape> {
  const value = decode(bytes, STORAGE_LIMITS.searchIndexBytesMax);
  const row = value.ok ? rowShape(value.value, 'index') : value;
  if (!row.ok) throw new StorageError('storage.corrupt', { keySpace: 'searchIndex' });
  return row.value;
}

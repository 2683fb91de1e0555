/** What a batch does, in order; a later operation on the same key wins. */
export type KvOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array };

/** Keys in [gte, lt), in byte order. */
export interface KvRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export type KvEntry = readonly [key: Uint8Array, value: Uint8Array];

/** Reads. Each throws `StorageError`: 'storage.corrupt' for a value that is not what was written under its key. */
export interface KeyValueReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** About ten times cheaper than `get`, and it blocks the thread for a disk read. */
  getSync(key: Uint8Array): Uint8Array | undefined;
  iterate(range: KvRange): AsyncIterable<KvEntry>;
}

/** The store as it was when the snapshot was taken. It holds disk space until closed. */
export interface KeyValueSnapshot extends KeyValueReader {
  close(): Promise<void>;
}

/** The key-value seam: LevelDB or memory. One conformance suite runs against both. */
export interface KeyValueStore extends KeyValueReader {
  /** All or nothing. With `sync` it is on the disk when the promise resolves. */
  batch(operations: Iterable<KvOperation>, options: { readonly sync: boolean }): Promise<void>;
  snapshot(): KeyValueSnapshot;
  /** Rewrites the files of keys in [start, end], so that deleted values leave the disk. */
  compact(start: Uint8Array, end: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export const put = (key: Uint8Array, value: Uint8Array): KvOperation => ({ type: 'put', key, value });
export const remove = (key: Uint8Array): KvOperation => ({ type: 'delete', key });

/** Marks a row whose key says everything. */
export const NO_VALUE = new Uint8Array(0);

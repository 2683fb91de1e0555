import { randomBytes } from 'node:crypto';
import { CID } from 'multiformats/cid';
import { assert } from '../base/assert.ts';
import type { Height } from '../base/brand.ts';
import { concat, u64be } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { BLOB_CHUNK_BYTES, importBlob, leafCid, parseBlobCid, RAW_CODEC } from './blob-cid.ts';
import { readDag } from './blob-dag.ts';
import type { BlobFiles } from './blob-files.ts';
import {
  type BlobRow,
  blocksOf,
  hold,
  isShared,
  putBlobRow,
  putQuota,
  readBlobRow,
  readQuota,
  release,
  removeBlobRow,
  UPLOAD_ID_PREFIX,
  UPLOADER_CHARACTERS_MAX,
} from './blob-rows.ts';
import { BlobSpool } from './blob-spool.ts';
import type { BlobInfo, BlobPutOptions, BlobRefusal, BlobStore } from './blob-store.ts';
import { erase } from './erase.ts';
import { StorageError } from './errors.ts';
import { keyBody, keyIn, rangeIn, readU64 } from './key-space.ts';
import { type KvOperation, put, remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import { type Upload, UploadMeter, UploadRefused } from './upload-meter.ts';
import type { WriteGuard } from './write-guard.ts';

export interface KvBlobStoreOptions {
  /** Unregistered bytes that one uploader may have. */
  readonly quotaBytes?: number;
  /** Leaves of one blob that are rows, for a new store: one that exists keeps to what it began with. */
  readonly rowLeavesMax?: number;
}

/**
 * Blobs over a key-value store: LevelDB in a node, memory in tests and the simulator. A row for each block, by its content id, and for who
 * holds it. Of a blob beyond `rowLeavesMax` leaves (16 MiB) the rest of the content is a file beside (ADR 0020).
 */
export class KvBlobStore implements BlobStore {
  readonly #kv: WriteGuard;
  readonly #files: BlobFiles;
  readonly #meter: UploadMeter;
  readonly #rowLeavesMax: number;
  /**
   * Each task reads who holds a block and then writes: two at once could delete a block that the other has just
   * taken.
   */
  readonly #writes = new Serial();

  private constructor(kv: WriteGuard, files: BlobFiles, options: KvBlobStoreOptions, rowLeavesMax: number) {
    this.#kv = kv;
    this.#files = files;
    this.#rowLeavesMax = rowLeavesMax;
    this.#meter = new UploadMeter(options.quotaBytes ?? STORAGE_LIMITS.blobQuotaBytesDefault);
  }

  /** Also removes what uploads cut short by a crash left behind. */
  static async open(kv: WriteGuard, files: BlobFiles, options: KvBlobStoreOptions = {}): Promise<KvBlobStore> {
    const store = new KvBlobStore(kv, files, options, await keptRowLeaves(kv, options.rowLeavesMax));
    const unfinished = new Map<string, Uint8Array>();
    for await (const [key] of store.#kv.iterate(rangeIn('blobMember', UPLOAD_ID_PREFIX))) {
      const id = keyBody(key).slice(0, 36);
      unfinished.set(id.toString(), id);
    }
    for (const id of unfinished.values()) await store.#drop(id, []);
    await files.sweep((name) => store.has(name));
    return store;
  }

  async put(
    content: AsyncIterable<Uint8Array>,
    options: BlobPutOptions,
  ): Promise<Result<{ readonly cid: string; readonly bytes: number }, BlobRefusal>> {
    assert(options.uploader.length <= UPLOADER_CHARACTERS_MAX, 'an uploader is a short name');
    if (options.expectedCid !== undefined && parseBlobCid(options.expectedCid) === undefined)
      return refuse('blob.cid-invalid');
    const upload = this.#meter.begin(options, await readQuota(this.#kv, options.uploader));
    if (upload === undefined) return refuse('blob.busy', { uploadsMax: STORAGE_LIMITS.blobUploadsMax });
    const id = concat(UPLOAD_ID_PREFIX, randomBytes(32));
    const spool = new BlobSpool(this.#files, {
      rowLeavesMax: this.#rowLeavesMax,
      leaf: (bytes) => this.#putBlock(id, upload, leafCid(bytes), bytes),
    });
    try {
      const root = await importBlob(
        spool.through(this.#meter.measure(content, upload)),
        STORAGE_LIMITS.blobChunksInFlight,
        async (cid, bytes) => {
          // Leaves have gone where they belong by then.
          if (cid.code !== RAW_CODEC) await this.#putBlock(id, upload, cid, bytes);
        },
      );
      if (options.expectedCid !== undefined && root.toString() !== options.expectedCid)
        throw new UploadRefused('blob.cid-mismatch');
      await this.#finish(id, root, upload, spool);
      return ok({ cid: root.toString(), bytes: upload.bytes });
    } catch (error) {
      this.#meter.end(upload);
      await spool.drop().finally(() => this.#drop(id, []));
      if (error instanceof UploadRefused) return refuse(error.code);
      throw error;
    } finally {
      this.#meter.end(upload);
    }
  }

  async *get(cid: string): AsyncGenerator<Uint8Array> {
    const root = parseBlobCid(cid);
    if (root === undefined) throw new StorageError('blob.cid-invalid');
    const stored = await readBlobRow(this.#kv, root.bytes);
    if (stored === undefined) throw new StorageError('blob.not-found', { block: cid });
    const row = (block: CID): Promise<Uint8Array | undefined> => this.#kv.get(keyIn('blobBlock', block.bytes));
    if (stored.bytes <= this.#rowLeavesMax * BLOB_CHUNK_BYTES) return yield* readDag(root, row);
    const file = await this.#files.open(cid);
    if (file === undefined) throw new StorageError('blob.not-found', { block: cid });
    let leaves = 0;
    const inFile = (block: CID): boolean => block.code === RAW_CODEC && ++leaves > this.#rowLeavesMax;
    try {
      yield* readDag(root, (block) => (inFile(block) ? file.next(BLOB_CHUNK_BYTES) : row(block)));
    } finally {
      await file.close();
    }
  }

  async info(cid: string): Promise<BlobInfo | undefined> {
    const root = parseBlobCid(cid);
    const row = root === undefined ? undefined : await readBlobRow(this.#kv, root.bytes);
    return row === undefined ? undefined : { cid, bytes: row.bytes, expiresAtHeight: row.expiresAtHeight };
  }

  async has(cid: string): Promise<boolean> {
    return (await this.info(cid)) !== undefined;
  }

  async markRegistered(cid: string): Promise<boolean> {
    const root = parseBlobCid(cid)?.bytes;
    if (root === undefined) return false;
    return this.#writes.run(async () => {
      const row = await readBlobRow(this.#kv, root);
      if (row === undefined) return false;
      const operations = [...removeBlobRow(root, row), ...putBlobRow(root, { ...row, expiresAtHeight: null })];
      await this.#kv.batch([...operations, ...(await this.#refund(row))], { sync: true });
      return true;
    });
  }

  async delete(cid: string): Promise<boolean> {
    const root = parseBlobCid(cid)?.bytes;
    if (root === undefined) return false;
    const keys = (await blocksOf(this.#kv, root)).map((block) => keyIn('blobBlock', block));
    if (keys.length === 0) return false;
    let deleted = false;
    await erase(this.#kv, keys, async () => {
      deleted = await this.#deleteContent(root);
    });
    // The list of blocks last: by it a deletion that a crash cuts short is finished by the next call.
    await this.#writes.run(async () => {
      if ((await readBlobRow(this.#kv, root)) === undefined) await this.#dropRows(root, []);
    });
    return deleted;
  }

  async expire(height: Height): Promise<readonly string[]> {
    const due: CID[] = [];
    const end = keyIn('blobExpiry', u64be(height + 1));
    const range = { gte: rangeIn('blobExpiry').gte, lt: end, limit: STORAGE_LIMITS.blobExpirePerCall };
    for await (const [key] of this.#kv.iterate(range)) due.push(CID.decode(keyBody(key).slice(8)));
    const expired: string[] = [];
    for (const root of due) if (await this.#deleteRows(root.bytes, height)) expired.push(root.toString());
    return expired;
  }

  /** Each is synced: LevelDB may have moved to a new log by the last one, whose sync does not cover the old log. */
  async #putBlock(owner: Uint8Array, upload: Upload, cid: CID, bytes: Uint8Array): Promise<void> {
    await this.#writes.run(async () => {
      // A block that was still being hashed when its upload ended: what the upload held is dropped already.
      if (!this.#meter.isRunning(upload)) return;
      await this.#kv.batch([put(keyIn('blobBlock', cid.bytes), bytes), ...hold(owner, cid.bytes)], { sync: true });
    });
  }

  /**
   * The upload's blocks become the blob's. A blob that was there stays registered, or waits on behalf of the newest
   * uploader. The content has its name before the row that promises it.
   */
  #finish(id: Uint8Array, root: CID, upload: Upload, spool: BlobSpool): Promise<void> {
    return this.#writes.run(async () => {
      const blocks = await blocksOf(this.#kv, id);
      const operations = blocks.flatMap((block) => [...release(id, block), ...hold(root.bytes, block)]);
      const before = await readBlobRow(this.#kv, root.bytes);
      if (before?.expiresAtHeight !== null) operations.push(...(await this.#chargeRows(root.bytes, before, upload)));
      await spool.keep(root.toString());
      await this.#kv.batch(operations, { sync: true });
    });
  }

  async #chargeRows(root: Uint8Array, before: BlobRow | undefined, upload: Upload): Promise<KvOperation[]> {
    const { bytes, uploader } = upload;
    const expiresAtHeight = Math.max(upload.expiresAtHeight, before?.expiresAtHeight ?? 0) as Height;
    const row: BlobRow = { bytes, uploader, expiresAtHeight };
    const stored = await readQuota(this.#kv, uploader);
    const already = before?.uploader === uploader ? before.bytes : 0;
    // Uploads that ran side by side were each measured without the others' ends.
    if (stored - already + bytes > upload.quotaBytes) throw new UploadRefused('blob.quota');
    return [
      ...(before === undefined ? [] : [...removeBlobRow(root, before), ...(await this.#refund(before))]),
      ...putBlobRow(root, row),
      putQuota(uploader, stored - already + bytes),
    ];
  }

  async #refund(row: BlobRow): Promise<KvOperation[]> {
    if (row.expiresAtHeight === null) return [];
    return [putQuota(row.uploader, (await readQuota(this.#kv, row.uploader)) - row.bytes)];
  }

  /**
   * With `expiredAt`, only a blob that is still due then: it may have been registered or uploaded again since it was
   * found.
   */
  async #deleteRows(root: Uint8Array, expiredAt?: Height): Promise<boolean> {
    return this.#writes.run(async () => {
      const row = await readBlobRow(this.#kv, root);
      if (row === undefined) return false;
      if (expiredAt !== undefined && (row.expiresAtHeight === null || row.expiresAtHeight > expiredAt)) return false;
      await this.#dropRows(root, [...removeBlobRow(root, row), ...(await this.#refund(row))]);
      await this.#files.remove(CID.decode(root).toString());
      return true;
    });
  }

  /** The blob without the list of its blocks. False where that is all there is. */
  #deleteContent(root: Uint8Array): Promise<boolean> {
    return this.#writes.run(async () => {
      const row = await readBlobRow(this.#kv, root);
      if (row === undefined) return false;
      const dropped = [...removeBlobRow(root, row), ...(await this.#refund(row))];
      for (const block of await blocksOf(this.#kv, root))
        if (!(await isShared(this.#kv, block))) dropped.push(remove(keyIn('blobBlock', block)));
      await this.#kv.batch(dropped, { sync: true });
      await this.#files.remove(CID.decode(root).toString());
      return true;
    });
  }

  #drop(owner: Uint8Array, operations: readonly KvOperation[]): Promise<void> {
    return this.#writes.run(() => this.#dropRows(owner, operations));
  }

  async #dropRows(owner: Uint8Array, operations: readonly KvOperation[]): Promise<void> {
    const dropped = [...operations];
    for (const block of await blocksOf(this.#kv, owner)) {
      if (!(await isShared(this.#kv, block))) dropped.push(remove(keyIn('blobBlock', block)));
      dropped.push(...release(owner, block));
    }
    if (dropped.length > 0) await this.#kv.batch(dropped, { sync: true });
  }
}

/** Where a blob's rows end and its file begins stands in the store itself: read by another rule, nothing large would be found. */
async function keptRowLeaves(kv: WriteGuard, wished: number = STORAGE_LIMITS.blobRowLeavesMax): Promise<number> {
  const kept = await kv.get(keyIn('blobLayout'));
  if (kept !== undefined) return readU64(kept);
  await kv.batch([put(keyIn('blobLayout'), u64be(wished))], { sync: true });
  return wished;
}

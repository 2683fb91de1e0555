import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importBytes } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { CID } from 'multiformats/cid';
import { describe, expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { BLOB_CHUNK_BYTES, blobCidOf, parseBlobCid } from '../../src/storage/blob-cid.ts';
import { openBlobFiles } from '../../src/storage/blob-files.ts';
import type { BlobPutOptions } from '../../src/storage/blob-store.ts';
import { seal } from '../../src/storage/checksum.ts';
import { KEY_SPACES, keyIn } from '../../src/storage/key-space.ts';
import { KvBlobStore, type KvBlobStoreOptions } from '../../src/storage/kv-blob-store.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { memoryBlobFiles } from '../../src/storage/memory-blob-files.ts';
import { type MemoryImage, memoryImage } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { accepted, codeOf, collect, guardedMemory, noise, pieces, refusalOf, temporaryFolder } from './support.ts';

const h = (n: number) => n as Height;
const upload = (extra: Partial<BlobPutOptions> = {}): BlobPutOptions => ({
  uploader: 'patient-1',
  bytesMax: 100_000_000,
  expiresAtHeight: h(10),
  ...extra,
});
const contentOf = async (store: KvBlobStore, cid: string) => concat(...(await collect(store.get(cid))));

/** In any pieces, as a network delivers them. */
async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** A disk in memory: rows and files. */
interface Disk {
  readonly rows: MemoryImage;
  readonly files: Map<string, Uint8Array>;
}
const newDisk = (): Disk => ({ rows: memoryImage(), files: new Map() });
const openOn = ({ rows, files }: Disk, options?: KvBlobStoreOptions) =>
  KvBlobStore.open(guardedMemory(rows), memoryBlobFiles(files), options);

/** Rows and files of blobs. */
const blobRows = ({ rows, files }: Disk): number => {
  const prefixes = [...rows.rows.keys()].map((key) => Number.parseInt(key.slice(0, 2), 16));
  const { blob, blobLayout } = KEY_SPACES;
  return files.size + prefixes.filter((prefix) => prefix >= blob.prefix && prefix !== blobLayout.prefix).length;
};

/** `toEqual` walks large arrays by the byte. */
const expectBytes = (found: Uint8Array, expected: Uint8Array) =>
  expect(Buffer.compare(found, expected), 'the bytes differ').toBe(0);

type Open = (options?: KvBlobStoreOptions) => Promise<KvBlobStore>;
const IMPLEMENTATIONS: Record<string, () => Promise<Open>> = {
  memory: async () => {
    const disk = newDisk();
    return (options) => openOn(disk, options);
  },
  LevelDB: () => inFolder({}),
  'LevelDB, and files beyond the first leaf': () => inFolder(BEYOND_ONE_LEAF),
};
const BEYOND_ONE_LEAF: KvBlobStoreOptions = { rowLeavesMax: 1 };

async function inFolder(always: KvBlobStoreOptions): Promise<Open> {
  const folder = join(await temporaryFolder(), 'blobs');
  return async (options) => {
    const kv = new WriteGuard(await openLevelStore(folder, { create: true }));
    return KvBlobStore.open(kv, await openBlobFiles(join(folder, 'content')), { ...options, ...always });
  };
}

describe.each(Object.entries(IMPLEMENTATIONS))('a blob store in %s', (_, prepare) => {
  it.each([0, 1, BLOB_CHUNK_BYTES - 1, BLOB_CHUNK_BYTES, BLOB_CHUNK_BYTES + 1, 3 * BLOB_CHUNK_BYTES + 5])(
    'gives back %i bytes under their content id',
    async (bytes) => {
      const store = await (await prepare())();
      const content = noise(bytes, bytes);
      const put = accepted(await store.put(cut(content, 100_003), upload()));
      expect(put).toEqual({ cid: await blobCidOf(pieces(content)), bytes });
      expectBytes(await contentOf(store, put.cid), content);
      expect(await store.info(put.cid)).toEqual({ cid: put.cid, bytes, expiresAtHeight: 10 });
    },
  );

  it('knows nothing of a blob that it does not hold', async () => {
    const store = await (await prepare())();
    const cid = await blobCidOf(pieces(utf8('absent')));
    expect([await store.has(cid), await store.delete(cid), await store.markRegistered(cid)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await codeOf(() => collect(store.get(cid)))).toBe('blob.not-found');
    expect(await codeOf(() => collect(store.get('not a cid')))).toBe('blob.cid-invalid');
    expect(await store.has('not a cid')).toBe(false);
  });

  it('keeps a block that two blobs share until both are deleted', async () => {
    const store = await (await prepare())();
    const shared = noise(1, BLOB_CHUNK_BYTES);
    const one = accepted(await store.put(pieces(shared, utf8('one')), upload())).cid;
    const two = accepted(await store.put(pieces(shared, utf8('two')), upload())).cid;
    expect(await store.delete(one)).toBe(true);
    expect(await store.has(one)).toBe(false);
    expectBytes(await contentOf(store, two), concat(shared, utf8('two')));
    expect(await store.delete(two)).toBe(true);
    expect(await codeOf(() => collect(store.get(two)))).toBe('blob.not-found');
  });

  it('does not lose a shared block to a deletion at the same moment', async () => {
    const store = await (await prepare())();
    const shared = noise(1, 2 * BLOB_CHUNK_BYTES);
    const old = accepted(await store.put(pieces(shared, utf8('old')), upload())).cid;
    const [fresh] = await Promise.all([
      store.put(cut(concat(shared, utf8('new')), 65_536), upload()),
      store.delete(old),
    ]);
    expectBytes(await contentOf(store, accepted(fresh).cid), concat(shared, utf8('new')));
  });

  it('expires what no record names, at its height and not before', async () => {
    const store = await (await prepare())();
    const [early, late, kept] = (await Promise.all(
      [5, 9, 5].map(
        async (height, i) =>
          accepted(await store.put(pieces(noise(i, 50)), upload({ expiresAtHeight: h(height) }))).cid,
      ),
    )) as [string, string, string];
    expect(await store.markRegistered(kept)).toBe(true);
    expect(await store.expire(h(4))).toEqual([]);
    expect(await store.expire(h(5))).toEqual([early]);
    expect(await store.expire(h(8))).toEqual([]);
    expect(await store.expire(h(9))).toEqual([late]);
    expect([await store.has(early), await store.has(late), await store.has(kept)]).toEqual([false, false, true]);
    expect((await store.info(kept))?.expiresAtHeight).toBeNull();
  });
});

describe('uploads', () => {
  const open = openOn;

  it('are refused past their size, and leave nothing', async () => {
    const image = newDisk();
    const store = await open(image);
    const content = noise(1, 2 * BLOB_CHUNK_BYTES);
    expect(refusalOf(await store.put(cut(content, 9_999), upload({ bytesMax: content.length - 1 })))).toBe(
      'blob.too-large',
    );
    expect(blobRows(image)).toBe(0);
    accepted(await store.put(cut(content, 9_999), upload({ bytesMax: content.length })));
  });

  it('are refused past the quota of what is unregistered, one uploader apart from another', async () => {
    const store = await open(newDisk(), { quotaBytes: 100 });
    const first = accepted(await store.put(pieces(noise(1, 60)), upload())).cid;
    expect(refusalOf(await store.put(pieces(noise(2, 41)), upload()))).toBe('blob.quota');
    accepted(await store.put(pieces(noise(2, 41)), upload({ uploader: 'patient-2' })));
    accepted(await store.put(pieces(noise(3, 40)), upload()));
    await store.markRegistered(first);
    accepted(await store.put(pieces(noise(4, 60)), upload()));
    expect(refusalOf(await store.put(pieces(noise(5, 1)), upload()))).toBe('blob.quota');
    await store.expire(h(10));
    accepted(await store.put(pieces(noise(5, 100)), upload()));
  });

  it('share one quota when they run side by side', async () => {
    const store = await open(newDisk(), { quotaBytes: 100 });
    const results = await Promise.all([1, 2, 3].map((seed) => store.put(pieces(noise(seed, 45)), upload())));
    expect(results.filter((result) => result.ok).length).toBeLessThanOrEqual(2);
    expect(results.filter((result) => !result.ok).map(refusalOf)).toContain('blob.quota');
  });

  it('of the same content by another person move the charge to them and the expiry onwards', async () => {
    const store = await open(newDisk(), { quotaBytes: 100 });
    const content = noise(1, 80);
    const { cid } = accepted(await store.put(pieces(content), upload({ expiresAtHeight: h(20) })));
    accepted(await store.put(pieces(content), upload({ uploader: 'patient-2', expiresAtHeight: h(15) })));
    expect((await store.info(cid))?.expiresAtHeight).toBe(20);
    accepted(await store.put(pieces(noise(2, 100)), upload()));
    expect(refusalOf(await store.put(pieces(noise(3, 30)), upload({ uploader: 'patient-2' })))).toBe('blob.quota');
    await store.markRegistered(cid);
    accepted(await store.put(pieces(content), upload({ uploader: 'patient-2' })));
    expect((await store.info(cid))?.expiresAtHeight).toBeNull();
  });

  it('are refused and dropped where the content has another id than announced', async () => {
    const image = newDisk();
    const store = await open(image);
    const expectedCid = await blobCidOf(pieces(utf8('announced')));
    expect(refusalOf(await store.put(pieces(utf8('sent')), upload({ expectedCid })))).toBe('blob.cid-mismatch');
    expect(refusalOf(await store.put(pieces(utf8('sent')), upload({ expectedCid: 'x' })))).toBe('blob.cid-invalid');
    expect(blobRows(image)).toBe(0);
    accepted(await store.put(pieces(utf8('announced')), upload({ expectedCid })));
  });

  it('that break off throw the error of their stream, and leave nothing', async () => {
    const image = newDisk();
    const store = await open(image);
    async function* broken() {
      yield noise(1, 2 * BLOB_CHUNK_BYTES);
      throw new Error('connection reset');
    }
    await expect(store.put(broken(), upload())).rejects.toThrow('connection reset');
    expect(blobRows(image)).toBe(0);
  });

  it('that a crash cut short are removed at the next opening, and finished blobs are not', async () => {
    const image = newDisk();
    const store = await open(image);
    const { cid } = accepted(await store.put(pieces(noise(7, 10)), upload()));
    const rows = blobRows(image);
    async function* stalled() {
      const leaf = noise(1, BLOB_CHUNK_BYTES);
      for (let i = 0; i < 180; i++) yield leaf;
      await new Promise(() => {});
    }
    void store.put(stalled(), upload());
    // An inner node of 174 leaves is a row; a file that nothing names is left by a crash between file and row.
    while (blobRows(image) <= rows) await new Promise(setImmediate);
    const files = new Map([...image.files, [await blobCidOf(pieces(utf8('never finished'))), utf8('x')]] as const);
    const after: Disk = { rows: { rows: new Map(image.rows.rows) }, files };
    const again = await open(after);
    expect(blobRows(after)).toBe(rows);
    expectBytes(await contentOf(again, cid), noise(7, 10));
  });

  it('are limited in number', async () => {
    const store = await open(newDisk());
    async function* stalled() {
      yield new Uint8Array(1);
      await new Promise(() => {});
    }
    for (let i = 0; i < 64; i++) void store.put(stalled(), upload());
    await new Promise(setImmediate);
    expect(refusalOf(await store.put(pieces(utf8('x')), upload()))).toBe('blob.busy');
  });

  it('may reuse their buffer for the next piece', async () => {
    const store = await open(newDisk());
    async function* reusing() {
      const buffer = new Uint8Array(1_000);
      for (let i = 0; i < 5; i++) yield buffer.fill(i);
    }
    const expected = concat(...[0, 1, 2, 3, 4].map((i) => new Uint8Array(1_000).fill(i)));
    const { cid } = accepted(await store.put(reusing(), upload()));
    expectBytes(await contentOf(store, cid), expected);
  });
});

describe('content ids', () => {
  it('are those of `ipfs add --cid-version=1`', async () => {
    expect(await blobCidOf(pieces())).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku');
    // The digest by hand: a raw CIDv1 is 01 55 12 20 ‖ SHA-256.
    const digest = Buffer.from('a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447', 'hex');
    const byHand = CID.decode(concat(Uint8Array.of(1, 0x55, 0x12, 0x20), digest)).toString();
    expect(await blobCidOf(pieces(utf8('hello world\n')))).toBe(byHand);
  });

  it('agree with the importer told to follow Kubo, beyond one node of 174 links', async () => {
    const leaf = noise(3, BLOB_CHUNK_BYTES);
    async function* large() {
      for (let i = 0; i < 175; i++) yield leaf;
      yield utf8('tail');
    }
    const blocks = new Map<string, Uint8Array>();
    const blockstore = {
      put: async (cid: CID, bytes: unknown) => {
        blocks.set(cid.toString(), bytes as Uint8Array);
        return cid;
      },
    } as Parameters<typeof importBytes>[1];
    const { cid } = await importBytes(large(), blockstore, { chunker: fixedSize(), layout: balanced() });
    expect(await blobCidOf(large())).toBe(cid.toString());
    // Two leaves (one of them 175 times), two inner nodes, and a root above them.
    expect(blocks.size).toBe(5);
  });

  it('do not depend on how the content was cut', async () => {
    const content = noise(1, 2 * BLOB_CHUNK_BYTES + 77);
    const whole = await blobCidOf(pieces(content));
    for (const pieceBytes of [1_021, BLOB_CHUNK_BYTES, BLOB_CHUNK_BYTES + 1])
      expect(await blobCidOf(cut(content, pieceBytes))).toBe(whole);
  });

  it('are read only in their one canonical form', async () => {
    const cid = await blobCidOf(pieces(utf8('x')));
    expect(parseBlobCid(cid)?.toString()).toBe(cid);
    for (const text of [
      '',
      'x',
      cid.toUpperCase(),
      `${cid}a`,
      cid.slice(0, -1),
      'z'.repeat(10_000),
      'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
      'bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua',
    ])
      expect(parseBlobCid(text), text.slice(0, 70)).toBeUndefined();
  });
});

describe('a damaged blob', () => {
  it('stops at the damaged block, after a true prefix', async () => {
    const image = newDisk();
    const store = await openOn(image, BEYOND_ONE_LEAF);
    const content = noise(1, 3 * BLOB_CHUNK_BYTES);
    const { cid } = accepted(await store.put(pieces(content), upload()));
    const damaged = content.slice(BLOB_CHUNK_BYTES);
    damaged.fill(7, 0, 9);
    image.files.set(cid, damaged);
    expect(await readingOf(store, cid)).toEqual({ code: 'blob.corrupt', bytes: BLOB_CHUNK_BYTES });
    image.files.set(cid, content.slice(BLOB_CHUNK_BYTES, 2 * BLOB_CHUNK_BYTES + 5));
    expect(await readingOf(store, cid)).toEqual({ code: 'blob.corrupt', bytes: 2 * BLOB_CHUNK_BYTES });
    image.files.delete(cid);
    expect(await readingOf(store, cid)).toEqual({ code: 'blob.not-found', bytes: 0 });
    expect(await store.delete(cid)).toBe(true);
    expect(blobRows(image)).toBe(0);
  });

  it('of one leaf, whose row was replaced under a right sum, gives nothing', async () => {
    const image = newDisk();
    const store = await openOn(image);
    const { cid } = accepted(await store.put(pieces(noise(1, 500)), upload()));
    const key = keyIn('blobBlock', (parseBlobCid(cid) as CID).bytes);
    image.rows.rows.set(Buffer.from(key).toString('hex'), seal(key, noise(2, 500)));
    expect(await readingOf(store, cid)).toEqual({ code: 'blob.corrupt', bytes: 0 });
  });

  it('is whole again once its content is put again', async () => {
    const image = newDisk();
    const store = await openOn(image, BEYOND_ONE_LEAF);
    const content = noise(1, 3 * BLOB_CHUNK_BYTES);
    const { cid } = accepted(await store.put(pieces(content), upload()));
    await store.markRegistered(cid);
    image.files.set(cid, new Uint8Array(9));
    accepted(await store.put(pieces(content), upload()));
    expectBytes(await contentOf(store, cid), content);
  });
});

async function readingOf(store: KvBlobStore, cid: string): Promise<{ code: string; bytes: number }> {
  let bytes = 0;
  const code = await codeOf(async () => {
    for await (const piece of store.get(cid)) bytes += piece.length;
  });
  return { code: String(code), bytes };
}

describe('deletion', () => {
  it.each([
    ['of one leaf', 300, {}],
    ['of more leaves', 300_000, {}],
    ['in a file', 300_000, BEYOND_ONE_LEAF],
  ])('takes the bytes off the disk: %s', async (_, length, options) => {
    const folder = join(await temporaryFolder(), 'blobs');
    const kv = new WriteGuard(await openLevelStore(folder, { create: true }));
    const store = await KvBlobStore.open(kv, await openBlobFiles(join(folder, 'content')), options);
    const marker = 'MARKER-OF-A-SHREDDED-RECORD';
    const content = concat(noise(1, length), utf8(marker), noise(2, length));
    const { cid } = accepted(await store.put(pieces(content), upload()));
    const other = accepted(await store.put(pieces(noise(3, 400_000)), upload())).cid;
    expect(await filesWith(folder, marker)).toBeGreaterThan(0);
    await store.delete(cid);
    expect(await filesWith(folder, marker)).toBe(0);
    expectBytes(await contentOf(store, other), noise(3, 400_000));
    await kv.close();
    expect(await filesWith(folder, marker)).toBe(0);
  });
});

async function filesWith(folder: string, marker: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
  return contents.filter((content) => content.includes(marker)).length;
}

it('keeps to the leaves that its rows began with, whatever it is opened with later', async () => {
  const folder = join(await temporaryFolder(), 'blobs');
  const open = async (rowLeavesMax?: number) => {
    const kv = new WriteGuard(await openLevelStore(folder, { create: rowLeavesMax !== undefined }));
    const files = await openBlobFiles(join(folder, 'content'));
    return { kv, store: await KvBlobStore.open(kv, files, rowLeavesMax === undefined ? {} : { rowLeavesMax }) };
  };
  const first = await open(1);
  const content = noise(3, 3 * BLOB_CHUNK_BYTES + 5);
  const { cid } = accepted(await first.store.put(pieces(content), upload()));
  await first.kv.close();
  const later = await open();
  expectBytes(await contentOf(later.store, cid), content);
  await later.kv.close();
});

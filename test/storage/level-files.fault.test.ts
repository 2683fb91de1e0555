import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { u64be, utf8 } from '../../src/base/bytes.ts';
import { crc32c } from '../../src/storage/crc32c.ts';
import { keyIn, rangeIn } from '../../src/storage/key-space.ts';
import { put } from '../../src/storage/kv.ts';
import { checkLevelFiles } from '../../src/storage/level-files.ts';
import { isLogWhole } from '../../src/storage/level-log.ts';
import { liveTables } from '../../src/storage/level-manifest.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { isTableWhole } from '../../src/storage/level-table.ts';
import { snappyUncompress } from '../../src/storage/snappy.ts';
import { codeOf, collect, noise, temporaryFolder } from './support.ts';

/** One row a batch: text that compresses, and bytes that do not. */
const BATCHES = 60;
const rowOf = (i: number) =>
  put(keyIn('state', u64be(i)), i % 2 === 0 ? utf8(`a row of text, number ${i} `.repeat(40)) : noise(i, 900));

/** A database whose first rows are in a table and whose later ones are in its log, closed. */
async function makeDatabase(folder: string): Promise<void> {
  const store = await openLevelStore(folder, { create: true });
  for (let i = 0; i < BATCHES; i++) await store.batch([rowOf(i)], { sync: true });
  const { gte, lt } = rangeIn('state');
  await store.compact(gte, lt);
  for (let i = BATCHES; i < 2 * BATCHES; i++) await store.batch([rowOf(i)], { sync: true });
  await store.close();
}

async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

const flipped = (bytes: Uint8Array, at: number, bit = 1): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ bit;
  return copy;
};

let files: Map<string, Uint8Array>;
const oneOf = (pattern: RegExp): [string, Uint8Array] => {
  const found = [...files].filter(([name]) => pattern.test(name));
  expect(found).toHaveLength(1);
  return found[0] as [string, Uint8Array];
};

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carechain-level-'));
  await makeDatabase(join(folder, 'db'));
  files = await filesOf(join(folder, 'db'));
  await rm(folder, { recursive: true });
});

/** Writes the database anew with one file changed. */
async function databaseWith(name: string, bytes: Uint8Array): Promise<string> {
  const folder = await temporaryFolder();
  for (const [each, content] of files) await writeFile(join(folder, each), each === name ? bytes : content);
  return folder;
}

/** How many rows the database holds, all of them as they were written, from the first on without a gap. */
async function wholeRows(folder: string): Promise<number> {
  const store = await openLevelStore(folder, { create: false });
  const rows = await collect(store.iterate(rangeIn('state')));
  await store.close();
  for (const [i, [key, value]] of rows.entries()) expect({ ...rowOf(i), key, value }).toEqual(rowOf(i));
  return rows.length;
}

describe("CRC-32C and Snappy, by their specifications' own examples", () => {
  it('sums as RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(utf8('123456789'))).toBe(0xe3069283);
  });

  it('uncompresses literals and overlapping copies, and refuses what reaches outside', () => {
    // Length 5; literal 'a'; copy 4 bytes from 1 back: 'aaaaa'.
    expect(snappyUncompress(Uint8Array.of(5, 0, 0x61, 1, 1), 100)).toEqual(utf8('aaaaa'));
    for (const bad of [[], [5], [5, 0], [5, 0, 0x61, 1, 2], [5, 0, 0x61, 1, 0], [4, 0, 0x61, 1, 1], [0x80, 0x80]])
      expect(snappyUncompress(Uint8Array.from(bad), 100)).toBeUndefined();
    expect(snappyUncompress(Uint8Array.of(5, 0, 0x61, 1, 1), 4)).toBeUndefined();
  });
});

describe("a database's files", () => {
  it('are whole as LevelDB writes them, table, log and manifest', async () => {
    expect(isTableWhole(oneOf(/\.ldb$/)[1])).toBe(true);
    expect(isLogWhole(oneOf(/\.log$/)[1])).toBe(true);
    expect(isLogWhole(oneOf(/^MANIFEST/)[1])).toBe(true);
    expect(oneOf(/\.log$/)[1].length).toBeGreaterThan(32_768);
    const [name, bytes] = oneOf(/\.log$/);
    expect(await wholeRows(await databaseWith(name, bytes))).toBe(2 * BATCHES);
  });

  it('show a flipped bit anywhere in a table but the unused bytes of its footer', () => {
    const [, table] = oneOf(/\.ldb$/);
    const footer = table.length - 48;
    const passed: number[] = [];
    for (let at = 0; at < table.length; at += at > footer - 600 ? 1 : 17)
      if (isTableWhole(flipped(table, at, 1 << (at % 8)))) passed.push(at);
    // The two handles take a few bytes; up to the magic number the rest is padding, which nobody reads.
    expect(passed.every((at) => at >= footer + 4 && at < table.length - 8)).toBe(true);
    expect(isTableWhole(table.subarray(1))).toBe(false);
    expect(isTableWhole(new Uint8Array(0))).toBe(false);
  });

  it('show a flipped bit anywhere in a log but in its last batch, which LevelDB then drops as torn', async () => {
    const [name, log] = oneOf(/\.log$/);
    const lastBatchBytes = 7 + 12 + 60 + 1_000;
    const passed: number[] = [];
    for (let at = 0; at < log.length; at += at > log.length - 1_500 ? 1 : 7)
      if (isLogWhole(flipped(log, at, 1 << (at % 8)))) passed.push(at);
    expect(passed.length).toBeGreaterThan(100);
    // Fewer than seven bytes at the end of a block hold no record.
    expect(passed.filter((at) => at % 32_768 < 32_762 && at < log.length - lastBatchBytes)).toEqual([]);
    for (const at of [passed[0], passed[50], passed.at(-1)] as number[]) {
      const kept = await wholeRows(await databaseWith(name, flipped(log, at)));
      expect([2 * BATCHES - 1, 2 * BATCHES]).toContain(kept);
    }
  });

  it('are taken as torn where a log ends early, at any byte: what was before is there', async () => {
    const [name, log] = oneOf(/\.log$/);
    for (let bytes = 0; bytes < log.length; bytes += 97) expect(isLogWhole(log.subarray(0, bytes))).toBe(true);
    for (const bytes of [0, 3, 5_000, 40_000]) {
      const kept = await wholeRows(await databaseWith(name, log.subarray(0, bytes)));
      expect(kept).toBeGreaterThanOrEqual(BATCHES);
    }
  });

  it('may hold half a table that no manifest names: the process was killed while it opened the database', async () => {
    const [name, table] = oneOf(/\.ldb$/);
    const folder = await databaseWith(name, table);
    const number = Math.max(...[...files.keys()].flatMap((each) => each.match(/\d+/)?.map(Number) ?? [])) + 1;
    await writeFile(join(folder, `${String(number).padStart(6, '0')}.ldb`), table.subarray(0, 5_000));
    await checkLevelFiles(folder);
    expect(await wholeRows(folder)).toBe(2 * BATCHES);
  });

  it('are named by the manifest: those in use, and no others', () => {
    const [name] = oneOf(/\.ldb$/);
    const manifest = oneOf(/^MANIFEST/)[1];
    expect(liveTables(manifest)).toEqual(new Set([Number.parseInt(name, 10)]));
    expect(liveTables(oneOf(/\.log$/)[1])).toBeUndefined();
  });

  it('are refused with a code before LevelDB opens them, whichever is damaged', async () => {
    for (const [pattern, at] of [
      [/\.ldb$/, 1_000],
      [/\.log$/, 1_000],
      [/^MANIFEST/, 20],
    ] as const) {
      const [name, bytes] = oneOf(pattern);
      const folder = await databaseWith(name, flipped(bytes, at));
      expect(await codeOf(() => openLevelStore(folder, { create: false }))).toBe('storage.corrupt');
      expect((await filesOf(folder)).get(name)).toEqual(Buffer.from(flipped(bytes, at)));
    }
  });

  it('are refused where CURRENT, the manifest or a table is missing or says something else', async () => {
    for (let at = 0; at < (files.get('CURRENT') as Uint8Array).length; at++) {
      const folder = await databaseWith('CURRENT', flipped(files.get('CURRENT') as Uint8Array, at));
      expect(await codeOf(() => openLevelStore(folder, { create: false }))).toMatch(/^storage\./);
    }
    for (const pattern of [/^CURRENT$/, /^MANIFEST/, /\.ldb$/]) {
      const folder = await databaseWith('none', new Uint8Array(0));
      await rm(join(folder, oneOf(pattern)[0]));
      expect(await codeOf(() => openLevelStore(folder, { create: false }))).toMatch(/^storage\./);
    }
  });

  it('need not be there: opening says what is missing', async () => {
    expect(await codeOf(() => checkLevelFiles(join(tmpdir(), 'carechain-no-such-folder')))).toBe('nothing thrown');
  });
});

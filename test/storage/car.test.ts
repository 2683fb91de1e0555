import { createReadStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CarReader } from '@ipld/car';
import * as dagCbor from '@ipld/dag-cbor';
import { describe, expect, it } from 'vitest';
import type { Hash, Height } from '../../src/base/brand.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import {
  cidOf,
  encodeCarHeader,
  encodeList,
  encodeManifest,
  encodeVarint,
  sectionHead,
} from '../../src/storage/car-format.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import { type ChainSource, writeChainCar } from '../../src/storage/export-car.ts';
import { type ChainCarEntry, readChainCar, readChainCarFrom } from '../../src/storage/import-car.ts';
import { codeOf, temporaryFolder } from './support.ts';

const chainId: Hash = sha256(utf8('genesis'));
const h = (n: number) => n as Height;
const body = (kind: string, height: number) => encode({ kind, height });
/** Receipts of odd heights are equal, as those of empty blocks are. */
const source: ChainSource = {
  block: async (height) => body('block', height),
  certificate: async (height) => body('certificate', height),
  receipts: async (height) => body('receipts', height % 2 === 1 ? 0 : height),
};

async function exported(to = 3): Promise<{ path: string; bytes: Uint8Array; root: string }> {
  const path = join(await temporaryFolder(), 'chain.car');
  const { root } = await writeChainCar(path, source, { chainId, from: h(1), to: h(to) });
  return { path, bytes: Uint8Array.from(await readFile(path)), root };
}

/** All heights, or the code of the refusal. */
async function entriesOf(car: Awaited<ReturnType<typeof readChainCar>>): Promise<ChainCarEntry[] | string> {
  if (!car.ok) return car.rejection.code;
  const entries: ChainCarEntry[] = [];
  try {
    for await (const entry of car.value.entries()) {
      if (!entry.ok) return entry.rejection.code;
      entries.push(entry.value);
    }
  } finally {
    await car.value.close();
  }
  return entries;
}

const read = async (path: string) => entriesOf(await readChainCar(path));

/** The same of bytes in memory, which come in small pieces. */
const readBytes = async (bytes: Uint8Array) =>
  entriesOf(
    await readChainCarFrom(async (into, offset) => {
      const piece = bytes.subarray(offset, offset + Math.min(into.length, 50_000));
      into.set(piece);
      return piece.length;
    }),
  );

const section = (bytes: Uint8Array) => concat(sectionHead(cidOf(bytes), bytes.length), bytes);

describe('an exported chain', () => {
  it('gives back every height, with its manifest', async () => {
    const { path } = await exported();
    const car = await readChainCar(path);
    expect(car.ok && car.value.manifest).toMatchObject({ version: 1, chainId, from: 1, to: 3 });
    if (car.ok) await car.value.close();
    const expected = await Promise.all(
      [1, 2, 3].map(async (n) => ({
        height: n,
        block: await source.block(h(n)),
        certificate: await source.certificate(h(n)),
        receipts: await source.receipts(h(n)),
      })),
    );
    expect(await read(path)).toEqual(expected);
  });

  it('is a CAR that other software reads, linked from its root', async () => {
    const { path, root } = await exported();
    const reader = await CarReader.fromIterable(createReadStream(path));
    const [rootCid] = await reader.getRoots();
    expect(rootCid?.toString()).toBe(root);
    const get = async (cid: unknown) =>
      dagCbor.decode<never>((await reader.get(cid as NonNullable<typeof rootCid>))?.bytes as Uint8Array);
    const manifest: { entries: unknown[] } = await get(rootCid);
    const list: unknown[][] = await get(manifest.entries[0]);
    expect(await Promise.all((list[1] as unknown[]).map(get))).toEqual([
      { kind: 'block', height: 2 },
      { kind: 'certificate', height: 2 },
      { kind: 'receipts', height: 2 },
    ]);
    let blocks = 0;
    for await (const block of reader.blocks()) {
      expect(cidOf(block.bytes).equals(block.cid)).toBe(true);
      blocks++;
    }
    expect(blocks).toBe(1 + 1 + 3 * 3);
  });

  it('splits its manifest into lists of 4,096 heights, none above 1 MiB', async () => {
    const { path, bytes } = await exported(4_097);
    const reader = await CarReader.fromBytes(bytes);
    let largest = 0;
    for await (const block of reader.blocks()) largest = Math.max(largest, block.bytes.length);
    expect(largest).toBeGreaterThan(400_000);
    expect(largest).toBeLessThan(1_048_576);
    expect(await read(path)).toHaveLength(4_097);
  });

  it('is the same file every time', async () => {
    expect((await exported()).bytes).toEqual((await exported()).bytes);
  });

  it('appears whole or not at all', async () => {
    const folder = await temporaryFolder();
    const failing: ChainSource = { ...source, receipts: async (n) => (n === 3 ? undefined : source.receipts(n)) };
    const write = () => writeChainCar(join(folder, 'chain.car'), failing, { chainId, from: h(1), to: h(4) });
    expect(await codeOf(write)).toBe('storage.height-unknown');
    expect(await readdir(folder)).toEqual([]);
    expect(await codeOf(() => writeChainCar(join(folder, 'x'), source, { chainId, from: h(0), to: h(1) }))).toBe(
      'car.empty',
    );
    expect(await codeOf(() => writeChainCar(join(folder, 'x'), source, { chainId, from: h(2), to: h(1) }))).toBe(
      'car.empty',
    );
  });
});

describe('a changed file', () => {
  it('is refused at every flipped byte', async () => {
    const { bytes } = await exported(2);
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [1, 0x10, 0x80]) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ bit;
        expect(await readBytes(damaged), `byte ${at}`).toMatch(/^car\./);
      }
  });

  it('is refused at every shorter length, and with anything after its end', async () => {
    const { path, bytes } = await exported(2);
    for (let length = 0; length < bytes.length; length++)
      expect(await readBytes(bytes.subarray(0, length)), `length ${length}`).toBe('car.truncated');
    for (const length of [0, 1, 58, 59, 100, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await read(path), `file of ${length}`).toBe('car.truncated');
    }
    expect(await readBytes(concat(bytes, Uint8Array.of(0)))).toBe('car.trailing-bytes');
    expect(await readBytes(concat(bytes, section(body('receipts', 2))))).toBe('car.trailing-bytes');
  });

  it('is refused where a section is missing, repeated, exchanged or unreferenced', async () => {
    const bodies = [1, 2].map((n) => ['block', 'certificate', 'receipts'].map((kind) => body(kind, n)));
    const list = encodeList(bodies.map((b) => b.map(cidOf) as never));
    const manifest = encodeManifest({ version: 1, chainId, from: h(1), to: h(2), entries: [cidOf(list)] });
    const sections = [manifest, list, ...bodies.flat()];
    const file = (all: readonly Uint8Array[]) =>
      readBytes(concat(encodeCarHeader(cidOf(manifest)), ...all.map(section)));
    expect(await file(sections)).toHaveLength(2);
    for (let i = 0; i < sections.length; i++) {
      expect(await file(sections.toSpliced(i, 1))).toMatch(/^car\.(damaged|truncated)$/);
      expect(await file(sections.toSpliced(i, 0, sections[i] as Uint8Array))).toMatch(
        /^car\.(damaged|trailing-bytes)$/,
      );
      expect(await file(sections.toSpliced(i, 0, utf8('stranger')))).toBe('car.damaged');
      for (let j = i + 1; j < sections.length; j++)
        expect(await file(sections.with(i, sections[j] as Uint8Array).with(j, sections[i] as Uint8Array))).toBe(
          'car.damaged',
        );
    }
  });
});

describe('a hostile file', () => {
  const rooted = (manifest: Uint8Array, ...rest: readonly Uint8Array[]) =>
    readBytes(concat(encodeCarHeader(cidOf(manifest)), section(manifest), ...rest));
  const good = { version: 1, chainId, from: h(1), to: h(1), entries: [cidOf(utf8('x'))] };

  it.each<[string, string, Uint8Array]>([
    ['a later version', 'car.version-unknown', encodeManifest({ ...good, version: 2 })],
    ['genesis inside', 'car.malformed', encodeManifest({ ...good, from: h(0) })],
    ['an empty range', 'car.malformed', encodeManifest({ ...good, from: h(2) })],
    ['more heights than lists', 'car.malformed', encodeManifest({ ...good, to: h(4_097) })],
    [
      'more lists than heights',
      'car.malformed',
      encodeManifest({ ...good, entries: [cidOf(utf8('x')), cidOf(utf8('y'))] }),
    ],
    ['another field', 'car.malformed', encode({ version: 1, chainId, from: 1, to: 1, entries: [], more: 1 })],
    ['an entry that is no link', 'car.malformed', encode({ version: 1, chainId, from: 1, to: 1, entries: ['x'] })],
    ['a short chain id', 'car.malformed', encodeManifest({ ...good, chainId: new Uint8Array(31) as Hash })],
    ['a manifest nested 100,000 deep', 'car.malformed', new Uint8Array(100_000).fill(0x81)],
    ['a manifest that is not CBOR', 'car.malformed', Uint8Array.of(0xff)],
    ['a manifest above its limit', 'car.too-large', new Uint8Array(1_048_577)],
  ])('with %s is refused as %s', async (_, code, manifest) => {
    expect(await rooted(manifest)).toBe(code);
  });

  it('whose list does not fit its heights is refused', async () => {
    const link = cidOf(utf8('x'));
    for (const list of [
      encodeList([]),
      encodeList([
        [link, link, link],
        [link, link, link],
      ]),
      dagCbor.encode([[link, link]]),
      encode([1]),
    ]) {
      const manifest = encodeManifest({ ...good, entries: [cidOf(list)] });
      expect(await rooted(manifest, section(list))).toBe('car.malformed');
    }
  });

  it('that promises a huge section is refused before anything is read for it', async () => {
    const manifest = encodeManifest(good);
    const header = encodeCarHeader(cidOf(manifest));
    expect(await readBytes(concat(header, encodeVarint(2 ** 40)))).toBe('car.too-large');
    expect(await readBytes(concat(header, encodeVarint(200_000_000)))).toBe('car.too-large');
    expect(await readBytes(concat(header, Uint8Array.of(0x80, 0x00)))).toBe('car.malformed');
    expect(await readBytes(concat(header, encodeVarint(35)))).toBe('car.malformed');
  });
});

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, utf8 } from '../../src/base/bytes.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { keyIn, rangeIn } from '../../src/storage/key-space.ts';
import { type KeyValueStore, put, remove } from '../../src/storage/kv.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { codeOf, collect, FullDiskOnce, temporaryFolder } from './support.ts';

const key = (name: string) => keyIn('state', utf8(name));
const everything = rangeIn('state');

/** Opens the same data again on the second call. */
type Opener = () => Promise<KeyValueStore>;

const IMPLEMENTATIONS: Record<string, () => Promise<Opener>> = {
  LevelDB: async () => {
    const folder = join(await temporaryFolder(), 'db');
    let create = true;
    return async () => {
      const store = await openLevelStore(folder, { create });
      create = false;
      return store;
    };
  },
  memory: async () => {
    const image = memoryImage();
    return async () => openMemoryStore(image);
  },
};

describe.each(Object.entries(IMPLEMENTATIONS))('a key-value store in %s', (_, prepare) => {
  it('answers what was put, and nothing for other keys, to both kinds of get', async () => {
    const kv = await (await prepare())();
    await kv.batch([put(key('a'), utf8('1')), put(key('empty'), new Uint8Array(0))], { sync: true });
    expect([kv.getSync(key('a')), await kv.get(key('a'))]).toEqual([utf8('1'), utf8('1')]);
    expect(kv.getSync(key('empty'))).toEqual(new Uint8Array(0));
    expect([kv.getSync(key('b')), await kv.get(key('b'))]).toEqual([undefined, undefined]);
    await kv.close();
  });

  it('lets a later operation of one batch win', async () => {
    const kv = await (await prepare())();
    await kv.batch([put(key('a'), utf8('1')), remove(key('a')), put(key('b'), utf8('1')), put(key('b'), utf8('2'))], {
      sync: false,
    });
    expect(kv.getSync(key('a'))).toBeUndefined();
    expect(kv.getSync(key('b'))).toEqual(utf8('2'));
    await kv.close();
  });

  it('keeps rows of one batch apart, however long their keys and values are', async () => {
    const kv = await (await prepare())();
    const lengths = [1, 2, 60, 64, 65, 254, 255, 256, 1_000, 1_015, 1_016, 1_017, 1_024];
    const rows = lengths.flatMap((long) => lengths.map((wide) => ({ row: key('k'.repeat(long) + wide), wide })));
    const operations = rows.map(({ row, wide }) => put(row, new Uint8Array(wide).fill(wide)));
    await kv.batch([...operations, ...rows.filter(({ wide }) => wide === 2).map(({ row }) => remove(row))], {
      sync: false,
    });
    for (const { row, wide } of rows)
      expect(kv.getSync(row)).toEqual(wide === 2 ? undefined : new Uint8Array(wide).fill(wide));
    await kv.close();
  });

  it('iterates exactly the range, in byte order, either way, up to the limit', async () => {
    const open = await prepare();
    const kv = await open();
    const keys = fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 4 }), {
      maxLength: 12,
      comparator: (a, b) => compareBytes(a, b) === 0,
    });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 12 }), fc.boolean(), async (names, limit, reverse) => {
        const rows = names.map((name) => keyIn('state', name));
        await kv.batch([...rows.map((row) => put(row, row)), put(keyIn('receipts'), utf8('other space'))], {
          sync: false,
        });
        const sorted = [...rows].sort(compareBytes);
        if (reverse) sorted.reverse();
        const found = await collect(kv.iterate({ ...everything, reverse, limit }));
        expect(found).toEqual(sorted.slice(0, limit).map((row) => [row, row]));
        await kv.batch(rows.map(remove), { sync: false });
      }),
      { numRuns: 30 },
    );
    await kv.close();
  });

  it('keeps a snapshot as it was while the store moves on', async () => {
    const kv = await (await prepare())();
    await kv.batch([put(key('a'), utf8('1')), put(key('b'), utf8('1'))], { sync: false });
    const snapshot = kv.snapshot();
    await kv.batch([put(key('a'), utf8('2')), remove(key('b')), put(key('c'), utf8('2'))], { sync: false });
    expect([snapshot.getSync(key('a')), await snapshot.get(key('b')), snapshot.getSync(key('c'))]).toEqual([
      utf8('1'),
      utf8('1'),
      undefined,
    ]);
    expect(await collect(snapshot.iterate(everything))).toHaveLength(2);
    expect(kv.getSync(key('a'))).toEqual(utf8('2'));
    await snapshot.close();
    await kv.close();
  });

  it('finds everything again when it is opened a second time', async () => {
    const open = await prepare();
    const first = await open();
    await first.batch([put(key('a'), utf8('1'))], { sync: true });
    await first.close();
    const second = await open();
    expect(second.getSync(key('a'))).toEqual(utf8('1'));
    await second.close();
  });

  it('answers a closed store by its code', async () => {
    const kv = await (await prepare())();
    await kv.close();
    expect(await codeOf(() => kv.getSync(key('a')))).toBe('storage.closed');
    expect(await codeOf(() => kv.get(key('a')))).toBe('storage.closed');
    expect(await codeOf(() => kv.batch([remove(key('a'))], { sync: true }))).toBe('storage.closed');
  });
});

describe('LevelDB behind the seam', () => {
  it('reports each flipped byte of a stored value as corrupt, naming the key space', async () => {
    const folder = join(await temporaryFolder(), 'db');
    const kv = await openLevelStore(folder, { create: true });
    await kv.batch([put(key('a'), utf8('value'))], { sync: true });
    await kv.close();
    const raw = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' });
    const stored = Uint8Array.from((await raw.get(key('a'))) as Uint8Array);
    for (let i = 0; i <= stored.length; i++) {
      const damaged = i === stored.length ? stored.slice(0, 7) : stored.map((byte, at) => (at === i ? byte ^ 1 : byte));
      await raw.put(keyIn('state', Uint8Array.of(i)), new Uint8Array(0));
      await raw.put(key(`damaged ${i}`), damaged);
    }
    await raw.put(key('moved'), stored);
    await raw.put(key('whole'), stored);
    await raw.put(
      key('a'),
      stored.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
    );
    await raw.close();

    const again = await openLevelStore(folder, { create: false });
    for (let i = 0; i <= stored.length; i++)
      expect(await codeOf(() => again.getSync(key(`damaged ${i}`)))).toBe('storage.corrupt');
    expect(() => again.getSync(key('a'))).toThrow(expect.objectContaining({ detail: { keySpace: 'state' } }));
    expect(await codeOf(() => again.get(key('a')))).toBe('storage.corrupt');
    expect(await codeOf(() => collect(again.iterate(everything)))).toBe('storage.corrupt');
    expect(await codeOf(() => again.getSync(key('moved')))).toBe('storage.corrupt');
    await again.close();
  });

  it('never creates a database by opening one, not even where only CURRENT is gone', async () => {
    const folder = join(await temporaryFolder(), 'db');
    expect(await codeOf(() => openLevelStore(folder, { create: false }))).toBe('storage.missing');
    await (await openLevelStore(folder, { create: true })).close();
    expect(await codeOf(() => openLevelStore(folder, { create: true }))).toBe('storage.already-initialised');
    await rm(join(folder, 'CURRENT'));
    expect(await codeOf(() => openLevelStore(folder, { create: false }))).toBe('storage.missing');
  });

  it('refuses a second handle on one database', async () => {
    const folder = join(await temporaryFolder(), 'db');
    const kv = await openLevelStore(folder, { create: true });
    expect(await codeOf(() => openLevelStore(folder, { create: false }))).toBe('storage.locked');
    await kv.close();
  });
});

describe('the write guard', () => {
  it('lets nothing through after one failed write, although the handle would acknowledge it', async () => {
    const inner = new FullDiskOnce(openMemoryStore(), 1).store();
    const kv = new WriteGuard(inner);
    await kv.batch([put(key('a'), utf8('1'))], { sync: true });
    const failure = await kv.batch([put(key('b'), utf8('1'))], { sync: true }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageError);
    expect(failure).toMatchObject({ code: 'storage.write-failed', detail: { cause: 'ENOSPC' } });
    await inner.batch([put(key('c'), utf8('1'))], { sync: true });
    for (const call of [
      () => kv.batch([put(key('c'), utf8('1'))], { sync: true }),
      () => kv.get(key('a')),
      () => kv.getSync(key('a')),
      () => collect(kv.iterate(everything)),
      () => kv.snapshot(),
      () => kv.compact(key('a'), key('b')),
    ])
      expect(await codeOf(async () => call())).toBe('storage.poisoned');
  });
});

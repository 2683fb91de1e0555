import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { ChainStore } from '../../src/storage/chain-store.ts';
import { seal, sha256 } from '../../src/storage/checksum.ts';
import { atHeight, blockHeightKey, KEY_SPACES, treeNodeKey } from '../../src/storage/key-space.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { type MemoryImage, memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import {
  accepted,
  blockBytes,
  ChainBuilder,
  type Changes,
  codeOf,
  FullDiskOnce,
  guardedMemory,
  primitives,
  readLink,
  refusalOf,
  temporaryFolder,
} from './support.ts';

const h = (n: number) => n as Height;
const openOver = (image: MemoryImage) =>
  ChainStore.open({ primitives, readLink, open: async () => guardedMemory(image) });

async function chainOf(image: MemoryImage, ...blocks: readonly Changes[]) {
  const store = await openOver(image);
  const builder = new ChainBuilder();
  for (const changes of blocks) await store.commitBlock(builder.next(store.treeReader(), changes));
  return { store, builder };
}

describe('a committed block', () => {
  it('is found by height, by hash, and by its transactions', async () => {
    const { store, builder } = await chainOf(memoryImage(), {});
    const [first, second] = [sha256(utf8('tx 1')), sha256(utf8('tx 2'))];
    const batch = builder.next(store.treeReader(), {}, { transactionIds: [first, second] });
    await store.commitBlock(batch);
    expect(store.tip()).toEqual({ height: 1, hash: batch.hash });
    expect(await store.block(h(1))).toEqual(batch.block);
    expect(await store.certificate(h(1))).toEqual(batch.certificate);
    expect(await store.receipts(h(1))).toEqual(batch.receipts);
    expect(store.heightOf(batch.hash)).toBe(1);
    expect([store.locate(first), store.locate(second)]).toEqual([
      { height: 1, index: 0 },
      { height: 1, index: 1 },
    ]);
    expect([store.locate(sha256(utf8('no'))), store.heightOf(first)]).toEqual([undefined, undefined]);
    expect([await store.block(h(2)), await store.certificate(h(0))]).toEqual([undefined, undefined]);
  });

  it('must follow the tip and, but for genesis, bring its certificate', async () => {
    const { store, builder } = await chainOf(memoryImage(), {});
    const batch = builder.next(store.treeReader());
    await expect(store.commitBlock({ ...batch, height: h(2) })).rejects.toThrow('a commit follows the tip');
    await expect(store.commitBlock({ ...batch, height: h(0) })).rejects.toThrow('a commit follows the tip');
    await expect(store.commitBlock({ ...batch, certificate: null })).rejects.toThrow('has a certificate');
    await store.commitBlock(batch);
    expect(store.tip()?.height).toBe(1);
  });

  it('lists audit entries of one subject in order, from any point on', async () => {
    const { store, builder } = await chainOf(memoryImage(), {});
    const [a, b] = [new Uint8Array(20).fill(1) as Address, new Uint8Array(20).fill(2) as Address];
    for (let height = 1; height <= 3; height++) {
      const audit = [0, 1].map((index) => ({ subject: a, index, entry: utf8(`${height}.${index}`) }));
      await store.commitBlock(
        builder.next(store.treeReader(), {}, { audit: [...audit, { subject: b, index: 9, entry: utf8('b') }] }),
      );
    }
    const names = async (from: number, limit: number, fromIndex?: number) =>
      (await store.audit(a, h(from), limit, fromIndex)).map(({ entry }) => Buffer.from(entry).toString());
    expect(await names(0, 100)).toEqual(['1.0', '1.1', '2.0', '2.1', '3.0', '3.1']);
    expect(await names(2, 3)).toEqual(['2.0', '2.1', '3.0']);
    expect(await names(2, 2, 1)).toEqual(['2.1', '3.0']);
    expect(await store.audit(b, h(3), 10)).toEqual([{ height: 3, index: 9, entry: utf8('b') }]);
  });
});

describe('state and its history', () => {
  it('agrees with a simple model at every height, before and after pruning', async () => {
    const value = fc.option(fc.constantFrom('x', 'y', 'z').map(utf8), { freq: 3 });
    const changes = fc.dictionary(fc.constantFrom('k0', 'k1', 'k2', 'k3', 'k4'), value, { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 8 }), fc.nat(7), async (blocks, cut) => {
        const image = memoryImage();
        const { store } = await chainOf(image, ...blocks);
        const states: Map<string, Uint8Array>[] = [];
        for (const block of blocks) {
          const state = new Map(states.at(-1));
          for (const [key, to] of Object.entries(block)) {
            if (to === null) state.delete(key);
            else state.set(key, to);
          }
          states.push(state);
        }
        const check = (from: number) => {
          for (const [height, state] of states.entries())
            for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) {
              const read = store.stateValueAt(key, h(height));
              if (height < from) expect(refusalOf(read)).toBe('storage.pruned');
              else expect(accepted(read)).toEqual(state.get(key));
            }
        };
        check(0);
        const below = Math.min(cut, blocks.length - 1);
        accepted(await store.pruneBelow(h(below)));
        check(below);
        // What pruning leaves of old versions is only what the kept states read.
        if (below === blocks.length - 1) expect(rowsIn(image, 'stateHistory')).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves exactly the nodes of the newest tree when everything older is pruned', async () => {
    const image = memoryImage();
    const blocks = Array.from({ length: 12 }, (_, i) => ({
      [`k${i % 5}`]: utf8(`${i}`),
      [`k${(i * 3) % 7}`]: i % 4 === 0 ? null : utf8('v'),
    }));
    const { store } = await chainOf(image, ...blocks);
    accepted(await store.pruneBelow(h(11)));
    const root = accepted(store.treeRootAt(h(11)));
    let nodes = 0;
    const walk = (child: typeof root, path: string): void => {
      if (child === null) return;
      nodes++;
      const node = store.treeReader().node({ path, version: child.version });
      if (node?.kind === 'inner') {
        walk(node.left, `${path}0`);
        walk(node.right, `${path}1`);
      }
    };
    walk(root, '');
    expect(nodes).toBeGreaterThan(5);
    expect(rowsIn(image, 'treeNode')).toBe(nodes);
    expect([rowsIn(image, 'staleNode'), rowsIn(image, 'staleValue'), rowsIn(image, 'treeRoot')]).toEqual([0, 0, 1]);
  });

  it('refuses heights that it does not know or no longer keeps', async () => {
    const { store } = await chainOf(memoryImage(), { a: utf8('1') }, { a: utf8('2') }, { a: utf8('3') });
    expect(refusalOf(store.treeRootAt(h(3)))).toBe('storage.height-unknown');
    expect(refusalOf(store.view(h(3)))).toBe('storage.height-unknown');
    expect(refusalOf(await store.pruneBelow(h(3)))).toBe('storage.height-unknown');
    accepted(await store.pruneBelow(h(2)));
    accepted(await store.pruneBelow(h(1)));
    expect(store.prunedBelow()).toBe(2);
    expect([refusalOf(store.stateValueAt('a', h(1))), refusalOf(store.view(h(1)))]).toEqual([
      'storage.pruned',
      'storage.pruned',
    ]);
    expect(accepted(store.stateValueAt('a', h(2)))).toEqual(utf8('3'));
    expect(await store.block(h(0))).toBeDefined();
  });

  it('never answers a historic value that the state root does not prove', async () => {
    const image = memoryImage();
    const { store } = await chainOf(image, { a: utf8('1') }, { a: utf8('2') });
    for (const [hex] of [...image.rows])
      if (hex.startsWith('08')) {
        const key = Uint8Array.from(Buffer.from(hex, 'hex'));
        image.rows.set(hex, seal(key, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 1, 0x39])));
      }
    expect(await codeOf(() => store.stateValueAt('a', h(0)))).toBe('storage.corrupt');
    expect(accepted(store.stateValueAt('a', h(1)))).toEqual(utf8('2'));
  });
});

describe('a view', () => {
  it('is not moved by a commit or by pruning', async () => {
    const { store, builder } = await chainOf(memoryImage(), { a: utf8('1') }, { a: utf8('2'), b: utf8('2') });
    const [newest, older] = [accepted(store.view()), accepted(store.view(h(0)))];
    await store.commitBlock(builder.next(store.treeReader(), { a: utf8('3'), b: null }));
    accepted(await store.pruneBelow(h(2)));
    expect([newest.height, newest.get('a'), newest.get('b')]).toEqual([1, utf8('2'), utf8('2')]);
    expect([older.height, older.get('a'), older.get('b')]).toEqual([0, utf8('1'), undefined]);
    expect(newest.tree.node({ path: '', version: newest.root?.version ?? -1 })?.hash).toEqual(newest.root?.hash);
    expect([store.stateValue('a'), store.stateValue('b')]).toEqual([utf8('3'), undefined]);
    await newest.close();
    await older.close();
  });

  it('is limited in number, and closing one makes room', async () => {
    const { store } = await chainOf(memoryImage(), {});
    const views = Array.from({ length: 256 }, () => accepted(store.view()));
    expect(await codeOf(() => store.view())).toBe('storage.too-many-views');
    await views[0]?.close();
    await views[0]?.close();
    accepted(store.view());
    expect(await codeOf(() => store.view())).toBe('storage.too-many-views');
  });
});

describe('after a failed write', () => {
  it('answers nothing until it is reopened and verified, then continues from what the disk holds', async () => {
    const image = memoryImage();
    let handles = 0;
    const open = async () => {
      const memory = openMemoryStore(image);
      return new WriteGuard(handles++ === 0 ? new FullDiskOnce(memory, 2).store() : memory);
    };
    const store = await ChainStore.open({ primitives, readLink, open });
    const builder = new ChainBuilder();
    await store.commitBlock(builder.next(store.treeReader(), { a: utf8('1') }));
    await store.commitBlock(builder.next(store.treeReader(), { a: utf8('2') }));
    const lost = builder.next(store.treeReader(), { a: utf8('3') });
    expect(await codeOf(() => store.commitBlock(lost))).toBe('storage.write-failed');
    expect(await codeOf(() => store.commitBlock(lost))).toBe('storage.poisoned');
    expect(await codeOf(() => store.tip())).toBe('storage.poisoned');
    expect(await codeOf(() => store.stateValue('a'))).toBe('storage.poisoned');
    await store.reopen();
    expect(store.tip()?.height).toBe(1);
    await store.commitBlock(lost);
    expect([store.tip()?.height, store.stateValue('a')]).toEqual([2, utf8('3')]);
  });
});

describe('the start-up check', () => {
  const damage = async (change: (image: MemoryImage, hashes: readonly Hash[]) => void) => {
    const image = memoryImage();
    const { store } = await chainOf(image, { a: utf8('1') }, { a: utf8('2') }, { b: utf8('3') }, {});
    const hashes = await Promise.all([0, 1, 2, 3].map(async (n) => sha256((await store.block(h(n))) as Uint8Array)));
    change(image, hashes);
    return openOver(image).catch((error: unknown) => error);
  };
  const put = (image: MemoryImage, key: Uint8Array, value: Uint8Array) => image.rows.set(toHex(key), seal(key, value));
  const zeros = new Uint8Array(32);

  it('accepts an empty store and an undamaged chain', async () => {
    expect((await openOver(memoryImage())).tip()).toBeUndefined();
    expect(await damage(() => {})).toBeInstanceOf(ChainStore);
  });

  it.each<[string, string, number, (image: MemoryImage, hashes: readonly Hash[]) => void]>([
    ['a missing block', 'block', 2, (image) => image.rows.delete(toHex(atHeight('block', 2)))],
    ['an unreadable block', 'block', 2, (image) => put(image, atHeight('block', 2), utf8('short'))],
    ['another block in its place', 'hash', 1, (image) => put(image, atHeight('block', 1), blockBytes(zeros, zeros, 1))],
    ['a missing certificate', 'certificate', 3, (image) => image.rows.delete(toHex(atHeight('certificate', 3)))],
    ['missing receipts', 'receipts', 0, (image) => image.rows.delete(toHex(atHeight('receipts', 0)))],
    [
      'a missing hash index',
      'blockHeight',
      1,
      (image, hashes) => image.rows.delete(toHex(blockHeightKey(hashes[1] as Hash))),
    ],
    ['another state root', 'stateRoot', 3, (image) => put(image, atHeight('treeRoot', 3), new Uint8Array(0))],
    ['a missing root node', 'rootNode', 3, (image) => image.rows.delete(toHex(treeNodeKey({ path: '', version: 2 })))],
  ])('names height and field of %s', async (_, field, height, change) => {
    expect(await damage(change)).toMatchObject({ code: 'storage.tip-damaged', detail: { height, field } });
  });

  it('meets a flipped byte of a stored block as corrupt', async () => {
    const found = await damage((image) => {
      const stored = image.rows.get(toHex(atHeight('block', 3))) as Uint8Array;
      stored[20] = (stored[20] as number) ^ 1;
    });
    expect(found).toMatchObject({ code: 'storage.corrupt', detail: { keySpace: 'block' } });
  });

  it('reads no more blocks than it is told', async () => {
    const image = memoryImage();
    const { store } = await chainOf(image, {}, {}, {}, {});
    image.rows.delete(toHex(atHeight('block', 0)));
    expect(store.verifyTip({ blocks: 3 })?.height).toBe(3);
    expect(await codeOf(() => store.verifyTip({ blocks: 4 }))).toBe('storage.tip-damaged');
  });
});

describe('on LevelDB', () => {
  it('keeps an open view whole under pruning, reopens, and finds a byte flipped on disk', async () => {
    const folder = join(await temporaryFolder(), 'chain');
    await (await openLevelStore(folder, { create: true })).close();
    const open = async () => new WriteGuard(await openLevelStore(folder, { create: false }));
    const store = await ChainStore.open({ primitives, readLink, open });
    const builder = new ChainBuilder();
    for (let i = 0; i < 5; i++)
      await store.commitBlock(builder.next(store.treeReader(), { [`k${i}`]: utf8(`${i}`), a: utf8(`${i}`) }));
    const view = accepted(store.view(h(2)));
    await store.commitBlock(builder.next(store.treeReader(), { a: utf8('5') }));
    accepted(await store.pruneBelow(h(5)));
    expect(view.get('a')).toEqual(utf8('2'));
    expect(refusalOf(store.stateValueAt('a', h(2)))).toBe('storage.pruned');
    await store.reopen();
    expect(store.tip()?.height).toBe(5);
    await store.close();

    const raw = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' });
    const stored = Uint8Array.from((await raw.get(atHeight('block', 5))) as Uint8Array);
    stored[30] = (stored[30] as number) ^ 0x40;
    await raw.put(atHeight('block', 5), stored);
    await raw.close();
    expect(await codeOf(() => ChainStore.open({ primitives, readLink, open }))).toBe('storage.corrupt');
  });
});

const rowsIn = (image: MemoryImage, space: keyof typeof KEY_SPACES): number => {
  const prefix = toHex(Uint8Array.of(KEY_SPACES[space].prefix));
  return [...image.rows.keys()].filter((key) => key.startsWith(prefix)).length;
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, utf8 } from '../../src/base/bytes.ts';
import { ChainStore } from '../../src/storage/chain-store.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { memoryImage } from '../../src/storage/memory-store.ts';
import { ChainBuilder, type Changes, guardedMemory, primitives, readLink } from './support.ts';

async function storeOf(...blocks: readonly Changes[]) {
  const image = memoryImage();
  const store = await ChainStore.open({ primitives, readLink, open: async () => guardedMemory(image) });
  const builder = new ChainBuilder();
  for (const changes of blocks) await store.commitBlock(builder.next(store.treeReader(), changes));
  return { store, builder };
}

const byBytes = (a: string, b: string): number => compareBytes(utf8(a), utf8(b));

describe('state keys', () => {
  it('are those of the newest state that begin with the prefix, page by page in byte order', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '￿'), maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name), name, fc.integer({ min: 1, max: 5 }), async (names, prefix, limit) => {
        const { store } = await storeOf(Object.fromEntries(names.map((key) => [key, utf8('x')])));
        const listed: string[] = [];
        for (let after: string | null = null; ; ) {
          const page = await store.stateKeys(prefix, after, limit);
          expect(page.length).toBeLessThanOrEqual(limit);
          listed.push(...page);
          after = page.at(-1) ?? null;
          if (after === null) break;
        }
        expect(listed).toEqual(names.filter((key) => key.startsWith(prefix)).sort(byBytes));
      }),
      { numRuns: 50 },
    );
  });

  it('hold no deleted key, and nothing where the page would begin behind the prefix', async () => {
    const { store } = await storeOf({ 'a/1': utf8('x'), 'a/2': utf8('x') }, { 'a/1': null });
    expect(await store.stateKeys('a/', null, 10)).toEqual(['a/2']);
    expect(await store.stateKeys('a/', 'b', 10)).toEqual([]);
    expect(await store.stateKeys('a/', '', 10)).toEqual(['a/2']);
  });

  it('come in bounded pages', async () => {
    const many = Object.fromEntries(
      Array.from({ length: STORAGE_LIMITS.stateKeysMax + 1 }, (_, i) => [`k${i}`, utf8('x')]),
    );
    const { store } = await storeOf(many);
    expect(await store.stateKeys('k', null, 1_000_000)).toHaveLength(STORAGE_LIMITS.stateKeysMax);
  });
});

describe('the signing sequence', () => {
  it('is the one noted with the newest block, and zero before the first', async () => {
    const { store, builder } = await storeOf();
    expect(store.signingSequenceAtTip()).toBe(0);
    for (const signingSequence of [0, 7, 9]) {
      await store.commitBlock(builder.next(store.treeReader(), {}, { signingSequence }));
      expect(store.signingSequenceAtTip()).toBe(signingSequence);
    }
  });

  it('stays with the tip where a commit is refused', async () => {
    const { store, builder } = await storeOf({});
    const batch = builder.next(store.treeReader(), {}, { signingSequence: 5 });
    await expect(store.commitBlock({ ...batch, certificate: null })).rejects.toThrow('has a certificate');
    expect(store.signingSequenceAtTip()).toBe(0);
  });
});

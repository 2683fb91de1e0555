import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { SearchIndexStore } from '../../src/storage/search-index-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { accepted, guardedMemory, refusalOf, temporaryFolder } from './support.ts';

const patient = (n: number) => new Uint8Array(20).fill(n) as Address;
const set = (store: SearchIndexStore, n: number, bytes: Uint8Array | undefined) =>
  store.replace(patient(n), () => ok(bytes));

describe("patients' search indexes", () => {
  it('are one a patient, replaced whole, and gone once they are given up', async () => {
    const store = new SearchIndexStore(guardedMemory());
    accepted(await set(store, 1, utf8('one')));
    accepted(await set(store, 2, utf8('other')));
    accepted(await set(store, 1, utf8('two')));
    expect([await store.get(patient(1)), await store.get(patient(2))]).toEqual([utf8('two'), utf8('other')]);
    accepted(await set(store, 1, undefined));
    expect([await store.get(patient(1)), await store.get(patient(2))]).toEqual([undefined, utf8('other')]);
    accepted(await set(store, 3, undefined));
  });

  it('are decided on one after another, and stay as they were where the decision refuses', async () => {
    const store = new SearchIndexStore(guardedMemory());
    const seen: (Uint8Array | undefined)[] = [];
    const change = (next: Uint8Array) =>
      store.replace(patient(1), (before) => {
        seen.push(before);
        return ok(next);
      });
    await Promise.all([change(utf8('a')), change(utf8('b')), change(utf8('c'))]);
    expect(seen).toEqual([undefined, utf8('a'), utf8('b')]);
    expect(refusalOf(await store.replace(patient(1), () => refuse('not.now')))).toBe('not.now');
    expect(await store.get(patient(1))).toEqual(utf8('c'));
  });

  it('are bounded', async () => {
    const store = new SearchIndexStore(guardedMemory());
    const { searchIndexBytesMax } = STORAGE_LIMITS;
    accepted(await set(store, 1, new Uint8Array(searchIndexBytesMax)));
    const refused = await set(store, 1, new Uint8Array(searchIndexBytesMax + 1));
    expect(refusalOf(refused)).toBe('search-index.too-large');
    expect((await store.get(patient(1)))?.length).toBe(searchIndexBytesMax);
  });

  it('leave the disk when they are replaced or given up', async () => {
    const folder = join(await temporaryFolder(), 'blobs');
    const kv = new WriteGuard(await openLevelStore(folder, { create: true }));
    const store = new SearchIndexStore(kv);
    const present = async (marker: string) => {
      const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
      return contents.some((content) => content.includes(marker));
    };
    accepted(await set(store, 1, utf8('MARKER-FIRST-BUILD')));
    expect(await present('MARKER-FIRST-BUILD')).toBe(true);
    accepted(await set(store, 1, utf8('MARKER-SECOND-BUILD')));
    expect([await present('MARKER-FIRST-BUILD'), await present('MARKER-SECOND-BUILD')]).toEqual([false, true]);
    accepted(await set(store, 1, undefined));
    expect(await present('MARKER-SECOND-BUILD')).toBe(false);
    await kv.close();
  });
});

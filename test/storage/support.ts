import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Result } from '../../src/base/result.ts';
import type { StorageCode } from '../../src/storage/codes.ts';
import { StorageError } from '../../src/storage/errors.ts';
import type { KeyValueStore, KvOperation } from '../../src/storage/kv.ts';
import { type MemoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';

export * from './chain-builder.ts';

/** A folder of its own, gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'carechain-storage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The code of the `StorageError` that `action` throws. */
export async function codeOf(action: () => unknown): Promise<StorageCode | 'nothing thrown'> {
  try {
    await action();
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

export function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
}

export const refusalOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.rejection.code);

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

/** Bytes that look random, the same in every run. */
export function noise(seed: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

export const guardedMemory = (image?: MemoryImage): WriteGuard => new WriteGuard(openMemoryStore(image));

/** Fails one batch as a full disk does, and afterwards acknowledges writes that it loses: LevelDB's trap (FACTS.md). */
export class FullDiskOnce {
  #writesLeft: number;
  readonly #inner: KeyValueStore;

  constructor(inner: KeyValueStore, writesBefore: number) {
    this.#inner = inner;
    this.#writesLeft = writesBefore;
  }

  store(): KeyValueStore {
    const inner = this.#inner;
    return {
      get: (key) => inner.get(key),
      getSync: (key) => inner.getSync(key),
      iterate: (range) => inner.iterate(range),
      snapshot: () => inner.snapshot(),
      compact: (start, end) => inner.compact(start, end),
      close: () => inner.close(),
      batch: (operations, options) => this.#batch(operations, options),
    };
  }

  async #batch(operations: Iterable<KvOperation>, options: { readonly sync: boolean }): Promise<void> {
    this.#writesLeft--;
    if (this.#writesLeft >= 0) return this.#inner.batch(operations, options);
    if (this.#writesLeft === -1) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
}

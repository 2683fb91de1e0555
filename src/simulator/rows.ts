import { seal, unseal } from '../storage/checksum.ts';
import { type KeySpaceName, keyIn } from '../storage/key-space.ts';
import type { KeyValueReader, KvOperation } from '../storage/kv.ts';
import { placeOf } from './places.ts';
import type { Random } from './random.ts';

interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The bytes on the disk where a fault has touched them. Any other row is its value, sealed. */
  readonly damaged: Uint8Array | null;
}

/** What undoes an unsynced batch, latest operation first. */
type Undo = readonly (readonly [place: string, before: Row | undefined])[];

/**
 * A database whose writes finish at once, with the faults of one on a disk: a crash keeps a random part of the batches that were not
 * synced, each whole or not at all, and a flipped bit is found by the shipped checksum when its row is read.
 */
export class SimulatedRows {
  #rows: Map<string, Row>;
  #unsynced: Undo[] = [];

  constructor(rows: ReadonlyMap<string, Row> = new Map()) {
    this.#rows = new Map(rows);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** A database with the same rows, as a snapshot sends them: what is damaged is found before it leaves. */
  copy(): SimulatedRows {
    for (const { key, damaged } of this.#rows.values()) if (damaged !== null) unseal(key, damaged);
    return new SimulatedRows(this.#rows);
  }

  /** Throws 'storage.corrupt' for a row that is not what was written. The bytes are those of the disk: not to be changed. */
  getSync(key: Uint8Array): Uint8Array | undefined {
    return this.at(placeOf(key));
  }

  /** The same, for a place that is known already. */
  at(place: string): Uint8Array | undefined {
    const row = this.#rows.get(place);
    if (row === undefined) return undefined;
    return row.damaged === null ? row.value : unseal(row.key, row.damaged);
  }

  /** All or nothing. A synced batch makes those before it durable too. */
  batch(operations: readonly KvOperation[], { sync }: { readonly sync: boolean }): void {
    const undo: (readonly [string, Row | undefined])[] = [];
    for (const operation of operations) {
      const place = placeOf(operation.key);
      if (!sync) undo.unshift([place, this.#rows.get(place)]);
      if (operation.type === 'delete') this.#rows.delete(place);
      else this.#rows.set(place, { key: operation.key, value: operation.value, damaged: null });
    }
    if (sync) this.#unsynced = [];
    else this.#unsynced.push(undo);
  }

  /** Batches that a crash may undo. */
  get unsynced(): number {
    return this.#unsynced.length;
  }

  /** Answers how many batches are gone. */
  crash(random: Random): number {
    const lost = this.#unsynced.filter(() => random.chance(0.5));
    for (const undo of lost.reverse())
      for (const [place, before] of undo)
        if (before === undefined) this.#rows.delete(place);
        else this.#rows.set(place, before);
    this.#unsynced = [];
    return lost.length;
  }

  /** Flips one bit of one stored value, of those whose key passes. Answers whether there was one. */
  flipBit(random: Random, isCandidate: (key: Uint8Array) => boolean): boolean {
    const places = [...this.#rows].flatMap(([place, row]) => (isCandidate(row.key) ? [place] : []));
    if (places.length === 0) return false;
    const place = random.pick(places);
    const row = this.#rows.get(place) as Row;
    const stored = seal(row.key, row.value);
    const at = random.integer(0, stored.length - 1);
    stored[at] = (stored[at] as number) ^ (1 << random.integer(0, 7));
    this.#rows.set(place, { ...row, damaged: stored });
    return true;
  }

  /** The keys in [gte, lt), in byte order. */
  keys(gte: Uint8Array, lt: Uint8Array): readonly Uint8Array[] {
    const [first, end] = [placeOf(gte), placeOf(lt)];
    const found = [...this.#rows.keys()].filter((place) => place >= first && place < end).sort();
    return found.map((place) => (this.#rows.get(place) as Row).key);
  }

  /** What the shipped functions read from. They ask only for `getSync`: nothing else may happen without a promise. */
  get reader(): KeyValueReader {
    return this as unknown as KeyValueReader;
  }
}

/** Whether a key belongs to one of these spaces. */
export function inSpaces(...spaces: readonly KeySpaceName[]): (key: Uint8Array) => boolean {
  const prefixes = spaces.map((space) => keyIn(space)[0]);
  return (key) => prefixes.includes(key[0]);
}

import { concat } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { erase } from './erase.ts';
import { keyBody, keyIn, rangeIn } from './key-space.ts';
import { NO_VALUE, put, remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import type { WriteGuard } from './write-guard.ts';

export type EnvelopeRefusal = 'envelope.too-large' | 'envelope.id-invalid';

export interface HeldFragment {
  readonly grantId: Uint8Array;
  readonly recordId: Uint8Array;
  readonly fragment: Uint8Array;
}

/** A value to put, under the first of its keys; the others lead to it. Keys are made once their ids are known to be valid. */
interface Row {
  readonly ids: readonly Uint8Array[];
  readonly value: Uint8Array;
  readonly keys: () => readonly [Uint8Array, ...Uint8Array[]];
}

/**
 * Envelopes (the wrapped data key of a record) and this holder's fragments of grants: small, off chain, beside the
 * blobs, and erasable: they leave the disk when the record is shredded or the grant revoked. An envelope is named by
 * the hash that the chain holds of it, so that nobody's envelope replaces another's; a fragment by the chain's grant
 * and record ids.
 */
export class EnvelopeStore {
  readonly #kv: WriteGuard;
  readonly #writes = new Serial();

  constructor(kv: WriteGuard) {
    this.#kv = kv;
  }

  /** Other bytes under the same name replace the earlier ones, which are erased: they may open for a key that no longer should. */
  putEnvelope(envelopeHash: Uint8Array, envelope: Uint8Array): Promise<Result<null, EnvelopeRefusal>> {
    return this.#put([{ ids: [envelopeHash], value: envelope, keys: () => [keyIn('envelope', envelopeHash)] }]);
  }

  envelope(envelopeHash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#kv.get(keyIn('envelope', envelopeHash));
  }

  eraseEnvelope(envelopeHash: Uint8Array): Promise<void> {
    return this.#writes.run(() => this.#erase([keyIn('envelope', envelopeHash)]));
  }

  putFragment(grantId: Uint8Array, recordId: Uint8Array, fragment: Uint8Array): Promise<Result<null, EnvelopeRefusal>> {
    return this.putFragments([{ grantId, recordId, fragment }]);
  }

  /** All of them or none, also after a crash: the chain names a grant's fragments by one hash. */
  putFragments(fragments: readonly HeldFragment[]): Promise<Result<null, EnvelopeRefusal>> {
    return this.#put(
      fragments.map(({ grantId, recordId, fragment }) => ({
        ids: [grantId, recordId],
        value: fragment,
        keys: () => fragmentKeys(grantId, recordId),
      })),
    );
  }

  fragment(grantId: Uint8Array, recordId: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#kv.get(keyIn('fragment', sized(grantId), recordId));
  }

  /** The fragments of one grant, in byte order of their records. */
  async fragmentsOfGrant(grantId: Uint8Array): Promise<readonly HeldFragment[]> {
    return collect(this.#fragments(rangeIn('fragment', sized(grantId))));
  }

  /** Every fragment held here, grant by grant: for the sweep that a restart makes. */
  allFragments(): AsyncIterable<HeldFragment> {
    return this.#fragments(rangeIn('fragment'));
  }

  /** The grant is revoked: its fragments are destroyed. Answers how many there were. */
  eraseGrant(grantId: Uint8Array): Promise<number> {
    return this.#writes.run(async () => {
      const recordIds = await this.#idsAfter('fragment', grantId);
      await this.#erase(recordIds.flatMap((recordId) => fragmentKeys(grantId, recordId)));
      return recordIds.length;
    });
  }

  /** The record is shredded: its envelopes and the fragments of every grant for it. Answers how many rows there were. */
  eraseRecord(recordId: Uint8Array, envelopeHashes: readonly Uint8Array[]): Promise<number> {
    return this.#writes.run(async () => {
      const grantIds = await this.#idsAfter('fragmentOfRecord', recordId);
      const envelopes = envelopeHashes.map((hash) => keyIn('envelope', hash));
      let had = 0;
      for (const envelope of envelopes) if ((await this.#kv.get(envelope)) !== undefined) had++;
      await this.#erase([...envelopes, ...grantIds.flatMap((grantId) => fragmentKeys(grantId, recordId))]);
      return had + grantIds.length;
    });
  }

  async #put(rows: readonly Row[]): Promise<Result<null, EnvelopeRefusal>> {
    if (rows.some(({ ids }) => ids.some((id) => id.length === 0 || id.length > STORAGE_LIMITS.envelopeIdBytesMax)))
      return refuse('envelope.id-invalid', { idBytesMax: STORAGE_LIMITS.envelopeIdBytesMax });
    if (rows.some(({ value }) => value.length > STORAGE_LIMITS.envelopeBytesMax))
      return refuse('envelope.too-large', { bytesMax: STORAGE_LIMITS.envelopeBytesMax });
    const puts = rows.map(({ keys, value }) => {
      const [key, ...indexKeys] = keys();
      return { key, writes: [put(key, value), ...indexKeys.map((index) => put(index, NO_VALUE))] };
    });
    return this.#writes.run(async () => {
      // A value written over is erased as a deleted one is: both lie under a newer row.
      const over: Uint8Array[] = [];
      for (const { key } of puts) if ((await this.#kv.get(key)) !== undefined) over.push(key);
      const writes = puts.flatMap((each) => each.writes);
      await erase(this.#kv, over, () => this.#kv.batch(writes, { sync: true }));
      return ok(null);
    });
  }

  async *#fragments(range: { gte: Uint8Array; lt: Uint8Array }): AsyncGenerator<HeldFragment> {
    for await (const [key, fragment] of this.#kv.iterate(range)) {
      const body = keyBody(key);
      const grantEnds = 1 + (body[0] as number);
      yield { grantId: body.slice(1, grantEnds), recordId: body.slice(grantEnds), fragment };
    }
  }

  #erase(keys: readonly Uint8Array[]): Promise<void> {
    return erase(this.#kv, keys, () => this.#kv.batch(keys.map(remove), { sync: true }));
  }

  async #idsAfter(space: 'fragment' | 'fragmentOfRecord', id: Uint8Array): Promise<Uint8Array[]> {
    const ids: Uint8Array[] = [];
    for await (const [key] of this.#kv.iterate(rangeIn(space, sized(id)))) ids.push(keyBody(key).slice(1 + id.length));
    return ids;
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A length in front, so that no id's rows begin another's. */
const sized = (id: Uint8Array): Uint8Array => concat(Uint8Array.of(id.length), id);

const fragmentKeys = (grantId: Uint8Array, recordId: Uint8Array): readonly [Uint8Array, Uint8Array] => [
  keyIn('fragment', sized(grantId), recordId),
  keyIn('fragmentOfRecord', sized(recordId), grantId),
];

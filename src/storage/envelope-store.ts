import { concat } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { erase } from './erase.ts';
import { keyBody, keyIn, rangeIn } from './key-space.ts';
import { type KvRange, put, remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import type { WriteGuard } from './write-guard.ts';

export type EnvelopeRefusal = 'envelope.too-large' | 'envelope.id-invalid';

/** Where a fragment stands among all that are held. */
export interface FragmentPlace {
  readonly grantId: Uint8Array;
  /** Names a delegating key: the fragment serves every record that is sealed to it. */
  readonly keyId: Uint8Array;
}
export interface HeldFragment extends FragmentPlace {
  readonly fragment: Uint8Array;
}

/** The key is made once its ids are known to be valid. */
interface Row {
  readonly ids: readonly Uint8Array[];
  readonly value: Uint8Array;
  readonly key: () => Uint8Array;
}

/**
 * Envelopes (the wrapped data key of a record) and this holder's fragments of grants: small, off chain, beside the
 * blobs, and erasable: they leave the disk when the record is shredded or the grant revoked. An envelope is named by
 * the hash that the chain holds of it, so that nobody's envelope replaces another's; a fragment by the ids of its grant
 * and of the delegating key.
 */
export class EnvelopeStore {
  readonly #kv: WriteGuard;
  readonly #writes = new Serial();

  constructor(kv: WriteGuard) {
    this.#kv = kv;
  }

  /** Other bytes under the same name replace the earlier ones, which are erased: they may open for a key that no longer should. */
  putEnvelope(envelopeHash: Uint8Array, envelope: Uint8Array): Promise<Result<null, EnvelopeRefusal>> {
    return this.#put([{ ids: [envelopeHash], value: envelope, key: () => keyIn('envelope', envelopeHash) }]);
  }

  envelope(envelopeHash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#kv.get(keyIn('envelope', envelopeHash));
  }

  eraseEnvelope(envelopeHash: Uint8Array): Promise<void> {
    return this.eraseEnvelopes([envelopeHash]);
  }

  /** Also where there is no row: an erasure that a crash cut short may have left the bytes behind. */
  eraseEnvelopes(envelopeHashes: readonly Uint8Array[]): Promise<void> {
    return this.#writes.run(() => this.#erase(envelopeHashes.map((envelopeHash) => keyIn('envelope', envelopeHash))));
  }

  /** Notes that nothing of a shredded record is left on this disk: until then every start erases it again. */
  noteShredded(record: Uint8Array): Promise<void> {
    return this.#kv.batch([put(keyIn('shredded', record), new Uint8Array(0))], { sync: true });
  }

  async isShredded(record: Uint8Array): Promise<boolean> {
    return (await this.#kv.get(keyIn('shredded', record))) !== undefined;
  }

  putFragment(grantId: Uint8Array, keyId: Uint8Array, fragment: Uint8Array): Promise<Result<null, EnvelopeRefusal>> {
    return this.putFragments([{ grantId, keyId, fragment }]);
  }

  /** All of them or none, also after a crash: the chain names a grant's fragments by one hash. */
  putFragments(fragments: readonly HeldFragment[]): Promise<Result<null, EnvelopeRefusal>> {
    return this.#put(
      fragments.map(({ grantId, keyId, fragment }) => ({
        ids: [grantId, keyId],
        value: fragment,
        key: () => fragmentKey(grantId, keyId),
      })),
    );
  }

  fragment(grantId: Uint8Array, keyId: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#kv.get(fragmentKey(grantId, keyId));
  }

  /** The fragments of one grant, in byte order of their key ids. */
  async fragmentsOfGrant(grantId: Uint8Array): Promise<readonly HeldFragment[]> {
    return collect(this.#fragments(rangeIn('fragment', sized(grantId))));
  }

  /** Every fragment held here, grant by grant: for the sweep that a restart makes. */
  allFragments(): AsyncIterable<HeldFragment> {
    return this.#fragments(rangeIn('fragment'));
  }

  /** The next `limit` of them, after this one or from the first. */
  async fragmentsAfter(place: FragmentPlace | undefined, limit: number): Promise<readonly HeldFragment[]> {
    const all = rangeIn('fragment');
    const gte = place === undefined ? all.gte : concat(fragmentKey(place.grantId, place.keyId), Uint8Array.of(0));
    return collect(this.#fragments({ ...all, gte, limit }));
  }

  /** The grant is revoked: its fragments are destroyed. Answers how many there were. */
  eraseGrant(grantId: Uint8Array): Promise<number> {
    return this.#writes.run(async () => {
      const keys: Uint8Array[] = [];
      for await (const [key] of this.#kv.iterate(rangeIn('fragment', sized(grantId)))) keys.push(key);
      await this.#erase(keys);
      return keys.length;
    });
  }

  async #put(rows: readonly Row[]): Promise<Result<null, EnvelopeRefusal>> {
    if (rows.some(({ ids }) => ids.some((id) => id.length === 0 || id.length > STORAGE_LIMITS.envelopeIdBytesMax)))
      return refuse('envelope.id-invalid', { idBytesMax: STORAGE_LIMITS.envelopeIdBytesMax });
    if (rows.some(({ value }) => value.length > STORAGE_LIMITS.envelopeBytesMax))
      return refuse('envelope.too-large', { bytesMax: STORAGE_LIMITS.envelopeBytesMax });
    const puts = rows.map(({ key, value }) => put(key(), value));
    return this.#writes.run(async () => {
      // A value written over is erased as a deleted one is: both lie under a newer row.
      const over: Uint8Array[] = [];
      for (const { key } of puts) if ((await this.#kv.get(key)) !== undefined) over.push(key);
      await erase(this.#kv, over, () => this.#kv.batch(puts, { sync: true }));
      return ok(null);
    });
  }

  async *#fragments(range: KvRange): AsyncGenerator<HeldFragment> {
    for await (const [key, fragment] of this.#kv.iterate(range)) {
      const body = keyBody(key);
      const grantEnds = 1 + (body[0] as number);
      yield { grantId: body.slice(1, grantEnds), keyId: body.slice(grantEnds), fragment };
    }
  }

  #erase(keys: readonly Uint8Array[]): Promise<void> {
    return erase(this.#kv, keys, () => this.#kv.batch(keys.map(remove), { sync: true }));
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A length in front, so that no id's rows begin another's. */
const sized = (id: Uint8Array): Uint8Array => concat(Uint8Array.of(id.length), id);

const fragmentKey = (grantId: Uint8Array, keyId: Uint8Array): Uint8Array => keyIn('fragment', sized(grantId), keyId);

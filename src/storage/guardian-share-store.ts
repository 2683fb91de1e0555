import type { Address, Hash } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { erase } from './erase.ts';
import { keyBody, keyIn, rangeIn } from './key-space.ts';
import { put, remove } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { Serial } from './serial.ts';
import type { WriteGuard } from './write-guard.ts';

export type GuardianShareRefusal = 'envelope.too-large';

/** What stands under one name: whose roots, and by which kit of the owner's. */
export interface GuardianShareName {
  readonly owner: Address;
  readonly kit: Hash;
}

const OWNER_BYTES = 20;

/**
 * This hospital's halves of patients' sealed roots, beside the blobs: small, off chain, erasable. They leave the disk once the owner's plan
 * names them no more.
 */
export class GuardianShareStore {
  readonly #kv: WriteGuard;
  readonly #writes = new Serial();

  constructor(kv: WriteGuard) {
    this.#kv = kv;
  }

  /** What is there under the name is erased first. */
  put({ owner, kit }: GuardianShareName, value: Uint8Array): Promise<Result<null, GuardianShareRefusal>> {
    const key = keyIn('guardianShare', owner, kit);
    return this.#writes.run(async () => {
      if (value.length > STORAGE_LIMITS.envelopeBytesMax)
        return refuse('envelope.too-large', { bytesMax: STORAGE_LIMITS.envelopeBytesMax });
      const over = (await this.#kv.get(key)) === undefined ? [] : [key];
      await erase(this.#kv, over, () => this.#kv.batch([put(key, value)], { sync: true }));
      return ok(null);
    });
  }

  get({ owner, kit }: GuardianShareName): Promise<Uint8Array | undefined> {
    return this.#kv.get(keyIn('guardianShare', owner, kit));
  }

  /** Of one owner, or of everybody. */
  async *names(owner?: Address): AsyncGenerator<GuardianShareName> {
    for await (const [key] of this.#kv.iterate(rangeIn('guardianShare', ...(owner === undefined ? [] : [owner])))) {
      const body = keyBody(key);
      yield { owner: body.slice(0, OWNER_BYTES) as Address, kit: body.slice(OWNER_BYTES) as Hash };
    }
  }

  erase(names: readonly GuardianShareName[]): Promise<void> {
    const keys = names.map(({ owner, kit }) => keyIn('guardianShare', owner, kit));
    return this.#writes.run(() =>
      keys.length === 0
        ? Promise.resolve()
        : erase(this.#kv, keys, () => this.#kv.batch(keys.map(remove), { sync: true })),
    );
  }
}

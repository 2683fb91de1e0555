import type { Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import { NODE_LIMITS } from './limits.ts';

/**
 * The shares that this hospital made last. A read wants each twice, once for its hash on chain and once for the reader's device, and making one
 * costs some 2 ms. They are sealed to the read's fresh key, and whoever asks has first been held to the newest state: nothing opens by being here.
 */
export class MadeShares {
  readonly #shares = new Map<string, Uint8Array>();

  /** The same read and attempt always give the same bytes, so what was made stands for what would be made. */
  once(readId: Hash, attempt: number, make: () => Result<Uint8Array>): Result<Uint8Array> {
    const key = `${toHex(readId)}/${attempt}`;
    const known = this.#shares.get(key);
    if (known !== undefined) return ok(known);
    const made = make();
    if (!made.ok) return made;
    if (this.#shares.size >= NODE_LIMITS.madeSharesMax) this.#shares.delete(this.#shares.keys().next().value as string);
    this.#shares.set(key, made.value);
    return made;
  }
}

import { API_LIMITS } from './limits.ts';

/** A token bucket: `burst` requests at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateLimits {
  /** Every request, and every transaction of a batch, by the address it comes from. */
  readonly perAddress: Rate;
  /** Signed requests, by key. */
  readonly perKey: Rate;
}

export const DEFAULT_RATES: RateLimits = {
  // The largest batch must fit the burst, or it would never pass.
  perAddress: { burst: API_LIMITS.batchTransactionsMax, perSecond: 2_000 },
  perKey: { burst: 400, perSecond: 100 },
};

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Buckets of many keys, of which it remembers the `keysMax` that came last. One that was forgotten begins full again. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #keysMax: number;
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, keysMax: number) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `wanted` tokens; none, and false, where there are fewer. */
  take(key: string, nowMs: number, wanted = 1): boolean {
    const { burst, perSecond } = this.#rate;
    const before = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const gained = (Math.max(0, nowMs - before.atMs) * perSecond) / 1_000;
    const tokens = Math.min(burst, before.tokens + gained);
    const allowed = tokens >= wanted;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? tokens - wanted : tokens, atMs: nowMs });
    if (this.#buckets.size > this.#keysMax) this.#forgetOldest();
    return allowed;
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}

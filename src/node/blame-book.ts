import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { NODE_LIMITS } from './limits.ts';

/** Peers that broke rules. One that does it again and again is left alone for a while; a hospital is put out by governance, never by a node. */
export class BlameBook {
  readonly #clock: () => number;
  readonly #counts = new Map<string, { since: number; count: number }>();
  readonly #pausedUntil = new Map<string, number>();
  #total = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get total(): number {
    return this.#total;
  }

  /** True where the peer should be dropped now. */
  blame(peer: Address): boolean {
    this.#total++;
    const key = toHex(peer);
    const nowMs = this.#clock();
    const known = this.#counts.get(key);
    const counted =
      known === undefined || nowMs - known.since > NODE_LIMITS.blameWindowMs ? { since: nowMs, count: 0 } : known;
    counted.count++;
    this.#counts.set(key, counted);
    if (counted.count < NODE_LIMITS.blamesMax) return false;
    this.#counts.delete(key);
    this.#pausedUntil.set(key, nowMs + NODE_LIMITS.peerPauseMs);
    return true;
  }

  isPaused(peer: Address): boolean {
    const key = toHex(peer);
    const untilMs = this.#pausedUntil.get(key);
    if (untilMs === undefined) return false;
    if (this.#clock() < untilMs) return true;
    this.#pausedUntil.delete(key);
    return false;
  }
}

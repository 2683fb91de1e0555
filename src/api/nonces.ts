import { REQUEST_WINDOW_SECONDS } from '../crypto/http-signature.ts';

/** A signature made at the window's far end is accepted until both halves of the window have passed. */
const GENERATION_MS = (2 * REQUEST_WINDOW_SECONDS + 1) * 1_000;

export type NonceAnswer = 'new' | 'replayed' | 'full';

/**
 * Remembers the nonces of accepted requests for as long as their signatures could be accepted again. Two generations: the
 * older is dropped whole once everything in it is too old, so that nothing need be searched.
 */
export class NonceMemory {
  readonly #generationMax: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #begunMs = 0;

  constructor(noncesMax: number) {
    this.#generationMax = Math.floor(noncesMax / 2);
  }

  get size(): number {
    return this.#current.size + this.#previous.size;
  }

  /** Notes the nonce of one key. When it can remember no more it says so: to forget one would allow its replay. */
  note(key: string, nonce: string, nowMs: number): NonceAnswer {
    this.#turn(nowMs);
    const entry = `${key}:${nonce}`;
    if (this.#current.has(entry) || this.#previous.has(entry)) return 'replayed';
    if (this.#current.size >= this.#generationMax) return 'full';
    this.#current.add(entry);
    return 'new';
  }

  #turn(nowMs: number): void {
    const elapsedMs = nowMs - this.#begunMs;
    if (elapsedMs < GENERATION_MS) return;
    this.#previous = elapsedMs < 2 * GENERATION_MS ? this.#current : new Set();
    this.#current = new Set();
    this.#begunMs = nowMs;
  }
}

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
  readonly #perKeyMax: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  /** How many of the current ones each key has. */
  #counts = new Map<string, number>();
  #begunMs = 0;

  /** `perKeyMax`: so that one key cannot take all the room. */
  constructor(noncesMax: number, perKeyMax: number = noncesMax) {
    this.#generationMax = Math.floor(noncesMax / 2);
    this.#perKeyMax = Math.floor(perKeyMax / 2);
  }

  get size(): number {
    return this.#current.size + this.#previous.size;
  }

  /** Notes the nonce of one key. When it can remember no more it says so: to forget one would allow its replay. */
  note(key: string, nonce: string, nowMs: number): NonceAnswer {
    this.#turn(nowMs);
    const entry = `${key}:${nonce}`;
    if (this.#current.has(entry) || this.#previous.has(entry)) return 'replayed';
    const count = this.#counts.get(key) ?? 0;
    if (this.#current.size >= this.#generationMax || count >= this.#perKeyMax) return 'full';
    this.#current.add(entry);
    this.#counts.set(key, count + 1);
    return 'new';
  }

  #turn(nowMs: number): void {
    const elapsedMs = nowMs - this.#begunMs;
    if (elapsedMs < GENERATION_MS) return;
    this.#previous = elapsedMs < 2 * GENERATION_MS ? this.#current : new Set();
    this.#current = new Set();
    this.#counts = new Map();
    this.#begunMs = nowMs;
  }
}

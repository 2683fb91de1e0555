/** Waiting times between attempts: doubled up to a cap, with jitter so that peers that failed together do not retry together. */
export class BackOff {
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(range: { readonly baseMs: number; readonly capMs: number }, random: () => number = Math.random) {
    this.#baseMs = range.baseMs;
    this.#capMs = range.capMs;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt, from [d / 2, d] where d = min(base × 2^attempts, cap). */
  nextMs(): number {
    const doubledMs = Math.min(this.#baseMs * 2 ** this.#attempts, this.#capMs);
    if (doubledMs < this.#capMs) this.#attempts++;
    return doubledMs * (0.5 + 0.5 * this.#random());
  }

  /** After success: the next failure waits the base time again. */
  reset(): void {
    this.#attempts = 0;
  }
}

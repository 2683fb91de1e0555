const HOUR_MS = 3_600_000;

/**
 * How often each asker asked within the hour before now: never more than the limit in any sixty minutes. It forgets who did not ask for an
 * hour, and takes nobody new while it remembers as many as it may: to forget somebody would let him begin anew.
 */
export class HourlyCount {
  readonly #limit: number;
  readonly #askersMax: number;
  /** Times of asking, oldest first. */
  readonly #asked = new Map<string, number[]>();

  constructor(limit: number, askersMax: number) {
    this.#limit = limit;
    this.#askersMax = askersMax;
  }

  /** How many times `asker` may still ask. */
  left(asker: string, nowMs: number): number {
    const times = this.#asked.get(asker);
    if (times === undefined) return this.#asked.size < this.#askersMax || this.#forget(nowMs) ? this.#limit : 0;
    while (times.length > 0 && (times[0] as number) <= nowMs - HOUR_MS) times.shift();
    return this.#limit - times.length;
  }

  /** `left` said that it may. Returns how often it has asked. */
  note(asker: string, nowMs: number): number {
    const times = this.#asked.get(asker) ?? [];
    this.#asked.set(asker, times);
    return times.push(nowMs);
  }

  /** Whether there is room now. */
  #forget(nowMs: number): boolean {
    for (const [asker, times] of this.#asked) if ((times.at(-1) ?? 0) <= nowMs - HOUR_MS) this.#asked.delete(asker);
    return this.#asked.size < this.#askersMax;
  }
}

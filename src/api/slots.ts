/** Counts what runs at once, all together and for each key: what is over either limit is refused at the door. */
export class Slots {
  readonly #max: number;
  readonly #perKeyMax: number;
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(max: number, perKeyMax: number) {
    this.#max = max;
    this.#perKeyMax = perKeyMax;
  }

  get taken(): number {
    return this.#total;
  }

  /** A function that gives the slot back (once, however often it is called), or `undefined` where there is none. */
  take(key: string): (() => void) | undefined {
    const held = this.#taken.get(key) ?? 0;
    if (this.#total >= this.#max || held >= this.#perKeyMax) return undefined;
    this.#total++;
    this.#taken.set(key, held + 1);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#total--;
      const left = (this.#taken.get(key) as number) - 1;
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    };
  }
}

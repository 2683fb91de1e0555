/**
 * The steps that checking one policy may take, over all kinds of request: nodes visited and types compared. It makes the whole
 * linear in its limit, whatever the policy and the schema; the same policy and schema take the same steps everywhere.
 */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** False once the steps are used up, and ever after. */
  spend(steps = 1): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}

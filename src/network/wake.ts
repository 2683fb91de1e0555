/**
 * A condition variable for one waiter: check the condition, and `await wait()` when it does not hold, without anything
 * asynchronous in between. Then no `notify` is lost, and several at once wake once.
 */
export class Wake {
  #resolve: (() => void) | undefined;

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  notify(): void {
    this.#resolve?.();
    this.#resolve = undefined;
  }
}

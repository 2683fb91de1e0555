interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from event to event. Events of one moment run in the order in which they were asked for. */
export class VirtualTime {
  nowMs = 0;
  /** From the last to the next. */
  private readonly events: Event[] = [];
  private order = 0;

  after(delayMs: number, run: () => void): void {
    const event = { atMs: this.nowMs + delayMs, order: this.order++, run };
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLater(this.events[middle] as Event, event)) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }

  /** Runs events until `until` holds or the time is over. True where it held. */
  run(forMs: number, until: () => boolean = () => false): boolean {
    const endMs = this.nowMs + forMs;
    while (!until()) {
      const next = this.events.at(-1);
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = endMs;
        return until();
      }
      this.events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    return true;
  }
}

const isLater = (a: Event, b: Event): boolean => a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order);

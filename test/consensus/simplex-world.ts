import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import { sha256 } from './fakes.ts';

/** Chances are per message or per effect, times in virtual milliseconds. */
export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  readonly latencyMaxMs: number;
  readonly crash: number;
}
export const QUIET: Faults = { drop: 0, duplicate: 0, latencyMaxMs: 5, crash: 0 };

/** A toy block. `atMs` is what its child's due time counts from. */
export interface Toy {
  readonly height: number;
  readonly parentHash: Uint8Array;
  readonly proposer: Uint8Array;
  readonly atMs: number;
  readonly random: number;
}
export const toyBytes = (toy: Toy): Uint8Array => encode(toy as unknown as Canonical);
export const readToy = (bytes: Uint8Array): Toy | undefined => {
  const value = decode(bytes, 1_000);
  return value.ok ? (value.value as Toy) : undefined;
};
export const GENESIS = sha256(new Uint8Array(0));

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Events in virtual time, those of one moment in the order in which they were set. */
export class VirtualClock {
  nowMs = 0;
  /** Sorted from the last event to the next. */
  private readonly events: Event[] = [];
  private order = 0;

  after(delayMs: number, run: () => void): void {
    this.push({ atMs: this.nowMs + delayMs, order: this.order++, run });
  }

  /** Runs events until `until` holds or the time is over. True where it held. */
  run(untilMs: number, until: () => boolean = () => false): boolean {
    while (!until()) {
      const next = this.events.at(-1);
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = untilMs;
        return until();
      }
      this.events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    return true;
  }

  private push(event: Event): void {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLater(this.events[middle] as Event, event)) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }
}

const isLater = (a: Event, b: Event): boolean => a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order);

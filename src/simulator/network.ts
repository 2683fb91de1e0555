import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface NetworkConditions {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Probability that a message is lost. */
  readonly loss: number;
}

/**
 * Who can reach whom, how fast, and how surely. Nodes are numbers; what travels is a closure that runs at its arrival. Messages
 * may overtake each other: harsher than kept streams, where they cannot.
 */
export class SimulatedNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #conditions: NetworkConditions;
  #groupOf: ReadonlyMap<number, number> | null = null;
  readonly counts = { sent: 0, lost: 0, cut: 0 };

  constructor(scheduler: Scheduler, random: Random, conditions: NetworkConditions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#conditions = conditions;
  }

  set conditions(conditions: NetworkConditions) {
    this.#conditions = conditions;
  }

  /** Cuts the network into groups. A node in no group is alone. */
  partition(groups: readonly (readonly number[])[]): void {
    this.#groupOf = new Map(groups.flatMap((group, i) => group.map((node) => [node, i] as const)));
  }

  heal(): void {
    this.#groupOf = null;
  }

  reaches(from: number, to: number): boolean {
    if (from === to || this.#groupOf === null) return true;
    const group = this.#groupOf.get(from);
    return group !== undefined && group === this.#groupOf.get(to);
  }

  /** What is under way when the network is cut still arrives. */
  send(from: number, to: number, arrive: () => void): void {
    this.counts.sent++;
    if (!this.reaches(from, to)) {
      this.counts.cut++;
    } else if (this.#random.chance(this.#conditions.loss)) {
      this.counts.lost++;
    } else {
      const { delayMinMs, delayMaxMs } = this.#conditions;
      this.#scheduler.after(this.#random.integer(delayMinMs, delayMaxMs), arrive);
    }
  }
}

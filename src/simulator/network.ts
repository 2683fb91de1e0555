import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface NetworkConditions {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Probability that a message is lost. */
  readonly loss: number;
  /** Probability that a message arrives twice. */
  readonly duplication?: number;
  /** Messages of one link keep their order, as on a stream. */
  readonly ordered?: boolean;
}

/** Why a message from one node to another does not arrive as on a good day. One that several faults touch suffers them all. */
export interface Disturbance {
  /** Whether this link is touched: answered once for each pair of nodes. */
  touches(from: number, to: number): boolean;
  readonly cut?: boolean;
  readonly loss?: number;
  readonly duplication?: number;
  readonly delayMaxMs?: number;
  readonly reordering?: boolean;
}

/** The present state of the link from one node to another. */
interface Link {
  readonly cut: boolean;
  readonly loss: number;
  readonly duplication: number;
  readonly delayMaxMs: number;
  readonly ordered: boolean;
}

/**
 * Who can reach whom, how fast, and how surely. Nodes are numbers; what travels is a closure that runs at its arrival. Unless
 * `ordered`, messages may overtake each other: harsher than kept streams, where they cannot.
 */
export class SimulatedNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #disturbances = new Set<Disturbance>();
  /** Links worked out since the last change, by `from · LINKS + to`. */
  readonly #links = new Map<number, Link>();
  readonly #lastArrivalMs = new Map<number, number>();
  #conditions: NetworkConditions;
  #groupOf: ReadonlyMap<number, number> | null = null;
  readonly counts = { sent: 0, lost: 0, cut: 0, duplicated: 0, overtaken: 0 };

  constructor(scheduler: Scheduler, random: Random, conditions: NetworkConditions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#conditions = conditions;
  }

  set conditions(conditions: NetworkConditions) {
    this.#conditions = conditions;
    this.#links.clear();
  }

  /** Cuts the network into groups. A node in no group is alone. */
  partition(groups: readonly (readonly number[])[]): void {
    this.#groupOf = new Map(groups.flatMap((group, i) => group.map((node) => [node, i] as const)));
    this.#links.clear();
  }

  heal(): void {
    this.#groupOf = null;
    this.#links.clear();
  }

  disturb(disturbance: Disturbance): void {
    this.#disturbances.add(disturbance);
    this.#links.clear();
  }

  settle(disturbance: Disturbance): void {
    this.#disturbances.delete(disturbance);
    this.#links.clear();
  }

  reaches(from: number, to: number): boolean {
    return from === to || !this.#link(from, to).cut;
  }

  /** What is under way when the network is cut still arrives. */
  send(from: number, to: number, arrive: () => void): void {
    this.counts.sent++;
    const link = this.#link(from, to);
    if (link.cut && from !== to) {
      this.counts.cut++;
    } else if (link.loss > 0 && this.#random.chance(link.loss)) {
      this.counts.lost++;
    } else {
      this.#carry(from, to, link, arrive);
      if (link.duplication === 0 || !this.#random.chance(link.duplication)) return;
      this.counts.duplicated++;
      this.#carry(from, to, link, arrive);
    }
  }

  #carry(from: number, to: number, link: Link, arrive: () => void): void {
    const { nowMs } = this.#scheduler;
    const place = from * LINKS + to;
    const lastMs = this.#lastArrivalMs.get(place) ?? nowMs;
    let atMs = nowMs + this.#random.integer(this.#conditions.delayMinMs, link.delayMaxMs);
    if (atMs < lastMs) {
      if (link.ordered) atMs = lastMs;
      else this.counts.overtaken++;
    }
    this.#lastArrivalMs.set(place, Math.max(atMs, lastMs));
    this.#scheduler.after(atMs - nowMs, arrive);
  }

  #link(from: number, to: number): Link {
    const place = from * LINKS + to;
    const known = this.#links.get(place);
    if (known !== undefined) return known;
    const link = this.#workOut(from, to);
    this.#links.set(place, link);
    return link;
  }

  #workOut(from: number, to: number): Link {
    const { loss, delayMaxMs, duplication, ordered } = this.#conditions;
    const group = this.#groupOf?.get(from);
    let cut = this.#groupOf !== null && (group === undefined || group !== this.#groupOf.get(to));
    const link = { loss, duplication: duplication ?? 0, delayMaxMs, ordered: ordered ?? false };
    for (const each of this.#disturbances) {
      if (!each.touches(from, to)) continue;
      cut ||= each.cut ?? false;
      link.loss = Math.max(link.loss, each.loss ?? 0);
      link.duplication = Math.max(link.duplication, each.duplication ?? 0);
      link.delayMaxMs = Math.max(link.delayMaxMs, each.delayMaxMs ?? 0);
      link.ordered &&= each.reordering !== true;
    }
    return { cut, ...link };
  }
}

/** More than there are nodes. */
const LINKS = 256;

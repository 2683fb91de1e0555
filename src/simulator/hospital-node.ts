import type { SecretKey } from '../base/brand.ts';
import type { BehaviourName } from './byzantine/names.ts';
import type { SimulatedHost } from './host.ts';
import type { Skew } from './plan.ts';
import type { StoredDisk } from './stored-disk.ts';
import { GENESIS_MS, type Hospital } from './town.ts';

/** A place where a process of a node runs, with its disk. Twins have two of them, everyone else one. */
export interface Seat {
  readonly disk: StoredDisk;
  host: SimulatedHost | null;
}

/** One hospital of a run: what outlives its processes. */
export class HospitalNode {
  readonly number: number;
  readonly hospital: Hospital;
  readonly behaviour: BehaviourName | null;
  readonly seats: readonly Seat[];
  /** Its clock against the true one. */
  skew: Skew;
  jumpMs = 0;
  /** The validator key that it runs with. */
  secretKey: SecretKey;
  /** Which of its keys that is, and how many it has asked to have bound to it. */
  keyGeneration = 0;
  keysAsked = 0;
  /** Faults that keep it down. It runs while there are none. */
  holds = 0;
  /** Faults that let it stand still. */
  pauses = 0;
  /** Since it last ran, its disk was wiped or put back. */
  diskLost = false;
  tearsNextWrite = false;

  constructor(options: {
    readonly number: number;
    readonly hospital: Hospital;
    readonly behaviour: BehaviourName | null;
    readonly seats: readonly Seat[];
    readonly skew: Skew;
    readonly secretKey: SecretKey;
  }) {
    this.number = options.number;
    this.hospital = options.hospital;
    this.behaviour = options.behaviour;
    this.seats = options.seats;
    this.skew = options.skew;
    this.secretKey = options.secretKey;
  }

  get honest(): boolean {
    return this.behaviour === null;
  }

  get runs(): boolean {
    return this.seats.some(({ host }) => host !== null);
  }

  get seat(): Seat {
    return this.seats[0] as Seat;
  }

  get height(): number {
    return this.seat.disk.height;
  }

  /** What its clock shows at the true time `nowMs`. */
  clockAt(nowMs: number): number {
    const { offsetMs, driftPpm } = this.skew;
    return nowMs + offsetMs + this.jumpMs + Math.round(((nowMs - GENESIS_MS) * driftPpm) / 1_000_000);
  }
}

import type { HospitalNode } from './hospital-node.ts';
import type { Simulation } from './simulation.ts';

/** How often a node dials again those that it could not reach. */
const REDIAL_MS = 1_000;

/** Which nodes have streams to each other. A stream begins when both run and reach each other, and ends when one of them does. */
export class Connections {
  readonly #simulation: Simulation;
  readonly #joined = new Set<number>();
  /** Pairs that a fault keeps apart, each as often as faults do. */
  readonly #apart = new Map<number, number>();
  readonly #redialing = new Set<number>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  has(a: number, b: number): boolean {
    return this.#joined.has(pairOf(a, b));
  }

  started(number: number): void {
    for (const other of this.#simulation.nodes) if (other.number !== number) this.#dial(number, other.number);
  }

  ended(number: number): void {
    for (const other of this.#simulation.nodes) if (other.number !== number) this.#part(number, other.number);
  }

  keepApart(a: number, b: number): void {
    const pair = pairOf(a, b);
    this.#apart.set(pair, (this.#apart.get(pair) ?? 0) + 1);
    this.#part(a, b);
  }

  letJoin(a: number, b: number): void {
    const pair = pairOf(a, b);
    this.#apart.set(pair, (this.#apart.get(pair) ?? 1) - 1);
    this.#dial(a, b);
  }

  #dial(a: number, b: number): void {
    const pair = pairOf(a, b);
    const { network, scheduler } = this.#simulation;
    const [one, two] = [this.#simulation.node(a), this.#simulation.node(b)];
    if (!one.runs || !two.runs || this.#joined.has(pair)) return;
    if ((this.#apart.get(pair) ?? 0) > 0) return;
    if (network.reaches(a, b) && network.reaches(b, a)) {
      this.#joined.add(pair);
      tell(one, { type: 'peerConnected', peer: two.hospital.id });
      tell(two, { type: 'peerConnected', peer: one.hospital.id });
    } else if (!this.#redialing.has(pair)) {
      this.#redialing.add(pair);
      scheduler.after(REDIAL_MS, () => {
        this.#redialing.delete(pair);
        this.#dial(a, b);
      });
    }
  }

  #part(a: number, b: number): void {
    if (!this.#joined.delete(pairOf(a, b))) return;
    const [one, two] = [this.#simulation.node(a), this.#simulation.node(b)];
    tell(one, { type: 'peerDisconnected', peer: two.hospital.id });
    tell(two, { type: 'peerDisconnected', peer: one.hospital.id });
  }
}

const pairOf = (a: number, b: number): number => (a < b ? a * NODES + b : b * NODES + a);

/** More than there are nodes. */
const NODES = 256;

function tell(node: HospitalNode, input: Parameters<NonNullable<HospitalNode['seat']['host']>['input']>[0]): void {
  for (const { host } of node.seats) host?.input(input);
}

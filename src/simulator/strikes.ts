import { diskStrikes } from './disk-strikes.ts';
import type { Fault, FaultKind } from './fault.ts';
import { networkStrikes } from './network-strikes.ts';
import { processStrikes } from './process-strikes.ts';
import type { Simulation } from './simulation.ts';
import { GENESIS_MS } from './town.ts';

/** Ends a fault. */
export type End = () => void;
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;
/** What the faults of some kinds do, from their beginning to their end. */
export type StrikesOf<Kind extends FaultKind> = {
  readonly [K in Kind]: (simulation: Simulation, fault: FaultOf<K>) => End;
};

const STRIKES: StrikesOf<FaultKind> = { ...networkStrikes, ...processStrikes, ...diskStrikes };

/** These are counted when they have done what they do: the moment for it may never come. */
const COUNTED_LATER: ReadonlySet<FaultKind> = new Set(['torn-write', 'power-cut', 'old-backup']);

/** Lets the faults of a plan begin and end in its time. What the first moment brings strikes at once, before any node has started. */
export class Strikes {
  readonly #simulation: Simulation;
  readonly #active = new Set<End>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    for (const fault of simulation.plan.faults)
      if (fault.atMs === 0) this.#strike(fault);
      else simulation.scheduler.after(fault.atMs, () => this.#strike(fault));
  }

  /** Ends everything that lasts, and puts the clocks right. */
  endAll(): void {
    for (const end of [...this.#active]) end();
    for (const node of this.#simulation.nodes) node.skew = { offsetMs: 0, driftPpm: 0 };
  }

  #strike(fault: Fault): void {
    const { scheduler, counts } = this.#simulation;
    if (!COUNTED_LATER.has(fault.kind)) counts.add(fault.kind, 'node' in fault ? fault.node : -1);
    const run = STRIKES[fault.kind] as (simulation: Simulation, fault: Fault) => End;
    const mend = run(this.#simulation, fault);
    const end = () => {
      if (this.#active.delete(end)) mend();
    };
    this.#active.add(end);
    scheduler.after(Math.max(0, GENESIS_MS + fault.untilMs - scheduler.nowMs), end);
  }
}

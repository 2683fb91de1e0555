import type { EngineName } from '../../consensus/engine.ts';
import { PROGRESS, type SeedReport } from './run-seed.ts';

/** A run that failed, and how to see it again. */
export interface Failure {
  readonly seed: number;
  readonly checker: string;
  readonly what: string;
}

/** A campaign in figures: what `carechain sim --json` prints. */
export interface CampaignReport {
  readonly engine: EngineName;
  readonly seeds: number;
  readonly firstSeed: number;
  /** Final blocks of all runs, each counted once. */
  readonly heights: number;
  readonly leastHeights: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: number;
  readonly stalled: number;
  /** CPU seconds of this process a seed, checkers included. */
  readonly secondsPerSeed: number;
  /** What most seeds sign with; `realSignatures` of them use the real curve. */
  readonly signer: 'keyed-hash' | 'secp256k1';
  readonly realSignatures: number;
  readonly distinctTraces: number;
  readonly eventsTotal: number;
  readonly ruleCoverage: {
    readonly rules: number;
    readonly executed: number;
    /** Of all rules, the one that took effect in the fewest seeds: in how many, and which. */
    readonly leastSeeds: number;
    readonly least: readonly string[];
  };
  /** Blocks that an honest node ever dropped at once: more than 0 in clique alone. */
  readonly deepestReversal: number;
  /** clique: confirmed blocks reversed in runs outside its promise. */
  readonly reversedUnderFaults: number;
  readonly failures: readonly Failure[];
}

const FAILURES_MAX = 20;

export class Tally {
  readonly #engine: EngineName;
  readonly #firstSeed: number;
  #seeds = 0;
  #heights = 0;
  #leastHeights = Number.POSITIVE_INFINITY;
  #violations = 0;
  #stalled = 0;
  #realSignatures = 0;
  #eventsTotal = 0;
  #deepestReversal = 0;
  #reversedUnderFaults = 0;
  readonly #faults = new Map<string, number>();
  readonly #fingerprints = new Set<string>();
  /** In how many seeds each rule took effect. */
  readonly #rules = new Map<string, number>();
  readonly #failures: Failure[] = [];

  constructor(engine: EngineName, firstSeed: number) {
    this.#engine = engine;
    this.#firstSeed = firstSeed;
  }

  get seeds(): number {
    return this.#seeds;
  }

  get failed(): boolean {
    return this.#violations > 0 || this.#stalled > 0;
  }

  add(report: SeedReport): void {
    this.#seeds++;
    this.#heights += report.heights;
    this.#leastHeights = Math.min(this.#leastHeights, report.heights);
    this.#eventsTotal += report.eventsTotal;
    this.#reversedUnderFaults += report.broken;
    this.#deepestReversal = Math.max(this.#deepestReversal, report.deepestReversal);
    if (report.plan.signer === 'secp256k1') this.#realSignatures++;
    this.#fingerprints.add(report.fingerprint);
    for (const [kind, count] of Object.entries(report.faults)) raise(this.#faults, kind, count);
    for (const rule of report.allRules) raise(this.#rules, rule, 0);
    for (const rule of report.rules) raise(this.#rules, rule, 1);
    this.#fail(report);
  }

  report(cpuSeconds: number): CampaignReport {
    const counts = [...this.#rules].sort(([a], [b]) => (a < b ? -1 : 1));
    const leastSeeds = counts.length === 0 ? 0 : Math.min(...counts.map(([, seeds]) => seeds));
    return {
      engine: this.#engine,
      seeds: this.#seeds,
      firstSeed: this.#firstSeed,
      heights: this.#heights,
      leastHeights: this.#seeds === 0 ? 0 : this.#leastHeights,
      faults: Object.fromEntries([...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1))),
      violations: this.#violations,
      stalled: this.#stalled,
      secondsPerSeed: this.#seeds === 0 ? 0 : Math.round((cpuSeconds / this.#seeds) * 10_000) / 10_000,
      signer: this.#seeds > 0 && this.#realSignatures === this.#seeds ? 'secp256k1' : 'keyed-hash',
      realSignatures: this.#realSignatures,
      distinctTraces: this.#fingerprints.size,
      eventsTotal: this.#eventsTotal,
      ruleCoverage: {
        rules: counts.length,
        executed: counts.filter(([, seeds]) => seeds > 0).length,
        leastSeeds,
        least: counts.filter(([, seeds]) => seeds === leastSeeds).map(([rule]) => rule),
      },
      deepestReversal: this.#deepestReversal,
      reversedUnderFaults: this.#reversedUnderFaults,
      failures: this.#failures,
    };
  }

  #fail({ plan, violations, stalled }: SeedReport): void {
    if (stalled) this.#stalled++;
    this.#violations += violations.filter(({ checker }) => checker !== PROGRESS).length;
    const first = violations[0];
    if (first === undefined || this.#failures.length >= FAILURES_MAX) return;
    this.#failures.push({ seed: plan.seed, checker: first.checker, what: first.what });
  }
}

const raise = (counts: Map<string, number>, name: string, by: number): void => {
  counts.set(name, (counts.get(name) ?? 0) + by);
};

import type { Spread } from '../percentiles.ts';

export interface OfficialReport {
  readonly version: string;
  readonly microseconds: Spread;
  /** The same requests with no entities to convert: below this its interface cannot go, whatever the entities are. */
  readonly withoutEntities: Spread;
}

/** What `carechain bench --policies --json` prints. Times are user CPU of one decision, over the requests. */
export interface PolicyBenchReport {
  readonly policies: number;
  readonly requests: number;
  /** Of them, so many are allowed: a bench of nothing but denials would measure little. */
  readonly allowed: number;
  readonly microseconds: Spread;
  /** The official engine as WebAssembly, with policies and schema parsed ahead; null where it is not installed. */
  readonly official: OfficialReport | null;
  /** The official engine's median by ours; null without it. */
  readonly timesFaster: number | null;
  /** Requests that the two decide differently; null without it. */
  readonly disagreements: number | null;
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
}

const spreadText = ({ p50, p95, p99, max }: Spread): string =>
  [`p50 ${p50.toFixed(1)}`, `p95 ${p95.toFixed(1)}`, `p99 ${p99.toFixed(1)}`, `most ${max.toFixed(1)} µs`].join(', ');

export function policyBenchText(report: PolicyBenchReport): string {
  const { policies, requests, allowed, microseconds, official, timesFaster, disagreements, machine } = report;
  const rows: [string, string][] = [
    ['requests', `${requests}, of which ${allowed} are allowed, by ${policies} policies`],
    ['one decision', spreadText(microseconds)],
    [
      'official engine',
      official === null ? 'not installed' : `${official.version}: ${spreadText(official.microseconds)}`,
    ],
    ['without entities', official === null ? '–' : spreadText(official.withoutEntities)],
    ['ours is', timesFaster === null ? '–' : `${timesFaster.toFixed(1)} times as fast at the median`],
    ['disagreements', disagreements === null ? '–' : String(disagreements)],
    ['machine', `${machine.cores} cores, ${machine.model}, Node ${machine.node}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}  ${value}`).join('\n');
}

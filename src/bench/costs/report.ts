import type { VerifyTimes } from '../verify-time.ts';
import type { PhaseCosts } from './chain-costs.ts';
import type { ReadsMeasured } from './devices-plan.ts';
import type { UmbralCosts } from './umbral-costs.ts';

/** The one object that `--json` prints. Every figure is of this run. */
export interface CostsReport {
  /** On chain, at each hospital: of one record, grant, read. */
  readonly bytes: Readonly<Record<string, PhaseCosts>>;
  /** With the primitives of a node or a command line, and with those of a browser. */
  readonly microseconds: { readonly native: UmbralCosts; readonly noble: UmbralCosts };
  readonly reads: ReadsMeasured & {
    readonly hospitals: number;
    readonly readers: number;
    readonly blockIntervalMs: number;
    readonly plaintextBytes: number;
    readonly perSecond: number;
    /** Of all hospitals together, for one read and all that follows from it, empty blocks included; null where the system does not tell. */
    readonly hospitalCpuMicroseconds: number | null;
  };
  /** The yardstick, measured in the same run. */
  readonly verifyMicroseconds: VerifyTimes;
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
}

const whole = (value: number): string => String(Math.round(value));

export function costsText({ bytes, microseconds, reads, verifyMicroseconds: verify, machine }: CostsReport): string {
  const lines: string[] = ['Bytes on chain, of one'];
  for (const [name, costs] of Object.entries(bytes)) {
    const transactions = Object.entries(costs.transactions)
      .map(([kind, each]) => `${each.perItem} × ${kind} of ${each.bytes} (receipt ${each.receiptBytes})`)
      .join(', ');
    lines.push(
      `  ${name.padEnd(8)} ${transactions}`,
      `  ${''.padEnd(8)} block ${whole(costs.blockBytes)}, state ${whole(costs.stateBytes)} in ${costs.stateRows} rows, of which ${whole(costs.stateGrowthBytes)} stay, ` +
        `tree ${whole(costs.treeBytes)} in ${costs.treeNodes} nodes, audit ${whole(costs.auditBytes)}; all that is stored ${whole(costs.storedBytes)}`,
      `  ${''.padEnd(8)} (${costs.items} of them in ${costs.blocks} blocks)`,
    );
  }
  lines.push('', `µs of user CPU (one signature check: ${whole(verify.node)} µs, with noble ${whole(verify.noble)})`);
  for (const [name, native] of Object.entries(microseconds.native)) {
    const noble = microseconds.noble[name as keyof UmbralCosts];
    lines.push(`  ${name.padEnd(18)} ${whole(native).padStart(7)}   noble ${whole(noble).padStart(7)}`);
  }
  const { latencyMs: latency, stagesMs: stages } = reads;
  lines.push(
    '',
    `Reads: ${reads.perSecond} a second (${reads.reads} in ${whole(reads.seconds)} s), ${reads.readers} doctors, ${reads.hospitals} hospitals, a block each ${reads.blockIntervalMs} ms`,
    `  latency            p50 ${whole(latency.p50)} ms, p95 ${whole(latency.p95)} ms, most ${whole(latency.max)} ms`,
    `  of which (mean)    ${Object.entries(stages)
      .map(([stage, ms]) => `${stage} ${whole(ms)}`)
      .join(', ')} ms`,
    `  HTTP               ${reads.httpRequests} requests, ${reads.httpSentBytes} bytes sent, ${reads.httpReceivedBytes} received`,
    `  CPU                ${reads.hospitalCpuMicroseconds ?? '?'} µs on all hospitals together, ${reads.deviceCpuMicroseconds} µs on the device`,
    '',
    `machine: ${machine.cores} cores, ${machine.model}, Node ${machine.node}`,
  );
  return lines.join('\n');
}

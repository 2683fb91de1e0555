import type { Accounts, Measured } from './measure.ts';
import type { BenchSettings } from './options.ts';
import type { ProfileSummary } from './profile-summary.ts';
import type { VerifyTimes } from './verify-time.ts';

/** The one object that `--json` prints. Every count is of this run; nothing is extrapolated. */
export interface BenchReport extends Measured {
  readonly engine: string;
  readonly finality: 'certificate' | 'depth';
  /** Present where the engine's blocks can still be reversed: then every figure here is of confirmed blocks, not of final ones. */
  readonly notFinal?: string;
  /** Present where the window held fewer loaded blocks than a steady figure needs, although it was kept open for them. */
  readonly fewBlocks?: string;
  readonly validators: number;
  readonly pace: BenchSettings['pace'];
  readonly batch: number;
  readonly warmUpSeconds: number;
  readonly transaction: { readonly kind: string; readonly bytes: number };
  /** Of the whole run, warm-up and end included. */
  readonly accounts: Accounts;
  /** Answers that were refusals, by code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly exhausted: boolean;
  /** Whether all hospitals stood at one height with one state root afterwards. */
  readonly stateRootsAgree: boolean;
  readonly blockIntervalConfiguredMs: number;
  readonly verifyMicroseconds: VerifyTimes;
  readonly signMicroseconds: number;
  /** Within the window; null where the system does not tell. */
  readonly cpuSecondsPerProcess: Readonly<Record<string, number | null>>;
  /** CPU of all hospitals together for one transaction; null where unknown. */
  readonly hospitalCpuMicrosecondsPerTransaction: number | null;
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
  readonly profile?: ProfileSummary;
}

const whole = (value: number): string => String(Math.round(value));
const PROFILE_LINES = 18;

export function reportText(report: BenchReport): string {
  const { latencyMs: latency, accounts, verifyMicroseconds: verify, transactionsPerBlock: perBlock } = report;
  const pace =
    report.pace.kind === 'closed'
      ? `closed loop, ${report.pace.inFlight} in flight`
      : `open loop, ${report.pace.perSecond} a second by schedule`;
  const rows: [string, string][] = [
    [
      'engine',
      `${report.engine}, ${report.validators} validators${report.notFinal === undefined ? '' : ` (${report.notFinal})`}`,
    ],
    ['load', `${report.transaction.kind}, ${report.transaction.bytes} bytes each; ${pace}, batches of ${report.batch}`],
    [
      'committed',
      `${whole(report.perSecond)} transactions a second (${report.transactions} in ${report.seconds.toFixed(1)} s)`,
    ],
    [
      'latency to finality',
      `p50 ${whole(latency.p50)} ms, p95 ${whole(latency.p95)} ms, p99 ${whole(latency.p99)} ms, most ${whole(latency.max)} ms`,
    ],
    [
      'blocks',
      `${report.blocks}${report.fewBlocks === undefined ? '' : ` (${report.fewBlocks})`}, every ${whole(report.blockIntervalMs)} ms, ${whole(perBlock.mean)} transactions each (most ${perBlock.max})`,
    ],
    [
      'whole run',
      `${accounts.submitted} handed in, ${accounts.applied} applied, ${accounts.denied} denied, ${accounts.failed} failed, ${accounts.lost} lost`,
    ],
    [
      'refusals',
      Object.entries(report.failures)
        .map(([code, count]) => `${code} ${count}`)
        .join(', ') || 'none',
    ],
    ['state roots', report.stateRootsAgree ? 'agree' : 'DIFFER'],
    [
      'CPU seconds',
      Object.entries(report.cpuSecondsPerProcess)
        .map(([name, seconds]) => `${name} ${seconds?.toFixed(1) ?? '?'}`)
        .join(', '),
    ],
    [
      'CPU per transaction',
      report.hospitalCpuMicrosecondsPerTransaction === null
        ? '?'
        : `${whole(report.hospitalCpuMicrosecondsPerTransaction)} µs on all hospitals together`,
    ],
    [
      'one verification',
      `${verify.node.toFixed(0)} µs here (${verify.name}), ${verify.noble.toFixed(0)} µs with noble`,
    ],
    ['machine', `${report.machine.cores} cores, ${report.machine.model}, Node ${report.machine.node}`],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(20)}  ${value}`);
  return [...lines, ...(report.profile === undefined ? [] : ['', ...profileLines(report.profile)])].join('\n');
}

function profileLines({ busyMicroseconds, byPlace, byCall }: ProfileSummary): readonly string[] {
  const share = (microseconds: number): string =>
    `${((100 * microseconds) / Math.max(1, busyMicroseconds)).toFixed(1).padStart(5)} %`;
  const table = (title: string, slices: ProfileSummary['byPlace']): readonly string[] => [
    title,
    ...slices.slice(0, PROFILE_LINES).map(({ name, microseconds }) => `  ${share(microseconds)}  ${name}`),
  ];
  return [...table('Where the CPU goes, by place', byPlace), '', ...table('With all they call, by function', byCall)];
}

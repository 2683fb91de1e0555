import type { ExitCode } from '../consortium/exit-codes.ts';
import type { Output } from '../consortium/output.ts';
import type { CostsOptions } from './costs/command.ts';
import type { BenchOptions } from './options.ts';

export type BenchFlags = BenchOptions &
  CostsOptions & { readonly crypto?: boolean; readonly policies?: boolean; readonly costs?: boolean };

export interface BenchFlag {
  readonly flags: string;
  readonly description: string;
  /** A whole number between these. */
  readonly wholeOf?: readonly [min: number, max: number];
  readonly initial?: string | number;
}

/** What a person may ask of `carechain bench`. A bench of its own has its flag here and its folder beside this file. */
export const BENCH_FLAGS: readonly BenchFlag[] = [
  { flags: '--engine <name>', description: 'qbft, simplex or clique', initial: 'qbft' },
  { flags: '--validators <n>', description: 'hospitals, each a process of its own', wholeOf: [1, 16], initial: 4 },
  {
    flags: '--seconds <n>',
    description: 'how long to measure, after a warm-up of half as long and at most 5 s; longer where blocks are slow',
    wholeOf: [1, 600],
    initial: 15,
  },
  {
    flags: '--rate <n>',
    description: 'hand in so many transactions a second, by a schedule; else as many as are taken',
    wholeOf: [1, 50_000],
  },
  {
    flags: '--in-flight <n>',
    description:
      'without --rate: transactions that wait at a time (default: 4096; with clique, whose blocks wait for their depth, 8192)',
    wholeOf: [1, 16_384],
  },
  { flags: '--batch <n>', description: 'transactions of one HTTP request', wholeOf: [1, 2_048], initial: 128 },
  { flags: '--block-ms <n>', description: 'block interval in milliseconds', wholeOf: [10, 600_000], initial: 1_000 },
  {
    flags: '--profile <folder>',
    description: "write each hospital's CPU profile there, and say where the time goes",
  },
  {
    flags: '--crypto',
    description: 'no consortium: how fast records are encrypted, beside node:crypto with the same bytes',
  },
  {
    flags: '--costs',
    description: 'what a record, a grant and a read cost: bytes on chain, CPU of each step, whole reads a second',
  },
  {
    flags: '--readers <n>',
    description: 'with --costs: doctors that read at the same time',
    wholeOf: [1, 256],
    initial: 16,
  },
  {
    flags: '--policies',
    description: 'no consortium: what one decision of the shipped policies costs, beside the official engine',
  },
];

/** Each bench is loaded when it is called. */
export async function runBench(options: BenchFlags, output: Output): Promise<ExitCode> {
  if (options.crypto === true) return (await import('./crypto/command.ts')).benchCrypto(output);
  if (options.policies === true) return (await import('./policies/command.ts')).benchPolicies(output);
  if (options.costs === true) return (await import('./costs/command.ts')).benchCosts(options, output);
  return (await import('./command.ts')).bench(options, output);
}

import { InvalidArgumentError } from 'commander';
import type { EngineName } from '../../../consensus/engine.ts';

/** What a person may ask of `carechain sim`. A mode of its own has its flag here and its file beside this one (`modes.ts`). */
export interface SimOptions {
  readonly engine: EngineName;
  readonly seeds: number;
  readonly firstSeed: number | 'random';
  readonly validators?: number;
  readonly heights?: number;
  readonly jobs: number;
  readonly seed?: number;
  readonly trace?: string;
  readonly plan?: string;
  readonly kept?: string;
  readonly keep?: string;
  readonly shrink?: boolean;
  readonly bugs?: boolean;
  readonly bug?: string;
  readonly search?: boolean;
  readonly write?: boolean;
  readonly listBugs?: boolean;
  readonly twins?: boolean;
  readonly all?: boolean;
}

export interface SimFlag {
  readonly flags: string;
  readonly description: string;
  readonly parse?: (text: string) => unknown;
  readonly initial?: unknown;
}

export const SEED_MAX = 0xffff_ffff;
const ENGINES: readonly string[] = ['qbft', 'simplex', 'clique'];

const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };

const engineName = (text: string): EngineName => {
  if (ENGINES.includes(text)) return text as EngineName;
  throw new InvalidArgumentError(`Engines are ${ENGINES.join(', ')}.`);
};

const firstSeed = (text: string): number | 'random' => (text === 'random' ? text : whole(0, SEED_MAX)(text));

export const SIM_FLAGS: readonly SimFlag[] = [
  { flags: '--engine <name>', description: 'qbft, simplex or clique', parse: engineName, initial: 'qbft' },
  { flags: '--seeds <n>', description: 'how many runs a campaign has', parse: whole(1, 1_000_000), initial: 100 },
  {
    flags: '--first-seed <n>',
    description: 'the first seed of a campaign; the others follow; "random" draws and prints one',
    parse: firstSeed,
    initial: 1,
  },
  { flags: '--validators <n>', description: 'hospitals that vote (default: 4)', parse: whole(1, 64) },
  {
    flags: '--heights <n>',
    description: 'blocks that a run has at least (default: 50 at 4)',
    parse: whole(1, 100_000),
  },
  { flags: '--jobs <n>', description: 'threads that share a campaign', parse: whole(1, 64), initial: 1 },
  { flags: '--seed <n>', description: 'run this one seed, and print the hash of its trace', parse: whole(0, SEED_MAX) },
  { flags: '--plan <file>', description: 'run a plan from a file, as a shrunk failure has it' },
  {
    flags: '--trace <file>',
    description: 'with --seed or --plan: write every event there, as JSON lines; also with --bug and --seed',
  },
  { flags: '--shrink', description: 'with --seed or --plan: where it fails, look for the smallest plan that does' },
  { flags: '--kept <file>', description: 'run every seed and plan of a list of regressions' },
  { flags: '--twins', description: 'run one validator twice: a sample of all splits, rounds and leaders' },
  { flags: '--all', description: 'with --twins: every scenario there is' },
  {
    flags: '--bugs',
    description: 'plant every bug of the bank in turn: its kept seed must show it, and nothing without it',
  },
  { flags: '--bug <name>', description: 'plant this bug only; with --seed: and run that seed' },
  { flags: '--search', description: 'with --bugs or --bug: search from the first seed on, and print the seeds needed' },
  { flags: '--write', description: 'with --search: keep the seeds found in the bug bank of this clone' },
  { flags: '--list-bugs', description: 'the bugs that can be planted' },
  { flags: '--keep <file>', description: 'add what fails, shrunk, to that list' },
];

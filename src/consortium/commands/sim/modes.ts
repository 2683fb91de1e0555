import type { ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { usageError } from '../../output.ts';
import type { SimOptions } from './flags.ts';

/** One thing that `carechain sim` can do, in a file of its own that is loaded when it is asked for. */
export interface SimMode {
  readonly isAsked: (options: SimOptions) => boolean;
  /** What it makes something of, among the flags that belong to some modes only. */
  readonly takes: readonly ModeFlag[];
  readonly run: (options: SimOptions, output: Output) => Promise<ExitCode>;
}

/** Flags with one word each, so that a flag is written as its option is called. */
const MODE_FLAGS = [
  'seed',
  'plan',
  'trace',
  'shrink',
  'kept',
  'keep',
  'search',
  'write',
  'all',
  'bug',
  'bugs',
] as const;
type ModeFlag = (typeof MODE_FLAGS)[number];

/** A flag that changes nothing is refused: whoever gave it expects something of it. */
export function refuseUnused(mode: SimMode, options: SimOptions): void {
  const unused = MODE_FLAGS.filter((name) => options[name] !== undefined && !mode.takes.includes(name));
  if (unused.length > 0)
    throw usageError(`${unused.map((name) => `--${name}`).join(', ')}: not with what else is asked`);
}

/** The first that is asked for runs. The last one always is. */
export const SIM_MODES: readonly SimMode[] = [
  {
    isAsked: ({ twins }) => twins === true,
    takes: ['all'],
    run: async (options, output) => (await import('./twins.ts')).twins(options, output),
  },
  {
    isAsked: ({ listBugs }) => listBugs === true,
    takes: [],
    run: async (_options, output) => (await import('./bugs.ts')).listBugs(output),
  },
  {
    isAsked: ({ bug, seed }) => bug !== undefined && seed !== undefined,
    takes: ['bug', 'seed', 'trace'],
    run: async (options, output) => (await import('./bugs.ts')).huntBugs(options, output),
  },
  {
    isAsked: ({ bugs, bug }) => bugs === true || bug !== undefined,
    takes: ['bug', 'bugs', 'search', 'write'],
    run: async (options, output) => (await import('./bugs.ts')).huntBugs(options, output),
  },
  {
    isAsked: ({ kept }) => kept !== undefined,
    takes: ['kept'],
    run: async (options, output) => (await import('./kept.ts')).replayKept(options, output),
  },
  {
    isAsked: ({ plan }) => plan !== undefined,
    takes: ['plan', 'trace', 'shrink', 'keep'],
    run: async (options, output) => (await import('./one-run.ts')).oneRun(options, output),
  },
  {
    isAsked: ({ seed }) => seed !== undefined,
    takes: ['seed', 'trace', 'shrink', 'keep'],
    run: async (options, output) => (await import('./one-run.ts')).oneRun(options, output),
  },
  {
    isAsked: () => true,
    takes: ['keep'],
    run: async (options, output) => (await import('./campaign.ts')).campaign(options, output),
  },
];

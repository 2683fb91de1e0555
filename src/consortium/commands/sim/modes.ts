import type { ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import type { SimOptions } from './flags.ts';

/** One thing that `carechain sim` can do, in a file of its own that is loaded when it is asked for. */
export interface SimMode {
  readonly isAsked: (options: SimOptions) => boolean;
  readonly run: (options: SimOptions, output: Output) => Promise<ExitCode>;
}

/** The first that is asked for runs. The last one always is. */
export const SIM_MODES: readonly SimMode[] = [
  {
    isAsked: ({ twins }) => twins === true,
    run: async (options, output) => (await import('./twins.ts')).twins(options, output),
  },
  {
    isAsked: ({ listBugs }) => listBugs === true,
    run: async (_options, output) => (await import('./bugs.ts')).listBugs(output),
  },
  {
    isAsked: ({ bugs, bug }) => bugs === true || bug !== undefined,
    run: async (options, output) => (await import('./bugs.ts')).huntBugs(options, output),
  },
  {
    isAsked: ({ kept }) => kept !== undefined,
    run: async (options, output) => (await import('./kept.ts')).replayKept(options, output),
  },
  {
    isAsked: ({ seed, plan }) => seed !== undefined || plan !== undefined,
    run: async (options, output) => (await import('./one-run.ts')).oneRun(options, output),
  },
  {
    isAsked: () => true,
    run: async (options, output) => (await import('./campaign.ts')).campaign(options, output),
  },
];

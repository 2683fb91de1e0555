import { type PlantedBug, patchOf } from '../../../simulator/bugs/bug.ts';
import { FIRST_SEED, SEEDS_MAX } from '../../../simulator/bugs/hunt.ts';
import { PLANTED_BUGS } from '../../../simulator/bugs/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { type Output, usageError } from '../../output.ts';
import { controlsOf } from './bug-controls.ts';
import { inLanes, work } from './bug-lanes.ts';
import { writeSeeds } from './bug-seeds.ts';
import type { TraceFacts } from './bug-worker.ts';
import type { SimOptions } from './flags.ts';

/** What became of one bug: the run that showed it, and its control, the same runs without it. */
interface BugReport {
  readonly name: string;
  readonly engine: string;
  /** The first seed that shows it; null where none did. */
  readonly seed: number | null;
  /** Seeds needed from the first one on, found by a full search. */
  readonly seeds: number;
  readonly checker: string | null;
  readonly what: string | null;
  readonly controlClean: boolean;
  /** Of the search; controls are shared. */
  readonly seconds: number;
  /** Of the planted run, where it was written to a file. */
  readonly trace?: TraceFacts;
}

/** A bug's own runs, and what they showed. */
export interface Hunted extends Omit<BugReport, 'controlClean' | 'engine'> {
  readonly bug: PlantedBug;
  /** Every seed that was run. */
  readonly ran: readonly number[];
}

/** `sim --list-bugs`. */
export function listBugs(output: Output): ExitCode {
  const bugs = PLANTED_BUGS.map(({ name, engine, file, story, seed }) => ({ name, engine, file, story, seed }));
  output.result({ planted: bugs.length, bugs }, bugs.map(({ name, story }) => `${name}\n  ${story}`).join('\n'));
  return EXIT.holds;
}

/** `sim --bugs`, `sim --bug NAME`, `sim --bug NAME --seed N`: each bug must be found, and its control must not. */
export async function huntBugs(options: SimOptions, output: Output): Promise<ExitCode> {
  const bugs = PLANTED_BUGS.filter(({ name }) => options.bug === undefined || name === options.bug);
  if (!import.meta.url.endsWith('.js')) throw usageError('bugs are planted in the compiled code: build it first');
  if (bugs.length === 0) throw usageError(`no bug is called ${options.bug}: see --list-bugs`);
  if (options.write === true && options.search !== true) throw usageError('--write keeps what --search finds');

  const hunted = await inLanes(bugs, options.jobs, async (bug) => {
    const one = await huntOne(bug, options);
    output.say(lineOf(one));
    return one;
  });
  const failing = await controlsOf(hunted, options.jobs);
  const reports = hunted.map(({ bug, ran, ...rest }): BugReport => {
    const controlClean = !ran.some((seed) => failing(bug, seed));
    return { ...rest, engine: bug.engine, controlClean };
  });
  for (const { name, controlClean } of reports) if (!controlClean) output.say(`${name}: its control fails too`);
  if (options.write === true) await writeSeeds(reports, output.say);

  const found = reports.filter(({ seed }) => seed !== null).length;
  const controlsClean = reports.filter(({ controlClean }) => controlClean).length;
  const medianSeeds = medianOf(reports.map(({ seeds }) => seeds));
  const text = `${found} of ${reports.length} bugs found, ${controlsClean} controls clean, median ${medianSeeds} seeds`;
  output.result({ planted: reports.length, found, controlsClean, medianSeeds, bugs: reports }, text);
  return found === reports.length && controlsClean === reports.length ? EXIT.holds : EXIT.violated;
}

/** Replays the seed that is given or kept, or searches from the first one on. */
async function huntOne(bug: PlantedBug, { search, seed, trace: traceFile }: SimOptions): Promise<Hunted> {
  const kept = [seed ?? bug.seed].filter((one) => one !== null);
  const seeds = search === true ? Array.from({ length: SEEDS_MAX }, (_, i) => FIRST_SEED + i) : kept;
  const planted = { patch: patchOf(bug), ground: groundOf(bug), seeds, untilFound: true };
  const { runs, finds, seconds, trace } = await work({ ...planted, ...(traceFile !== undefined && { traceFile }) });
  const [find] = finds;
  return {
    bug,
    ran: seeds.slice(0, runs),
    name: bug.name,
    seed: find?.seed ?? null,
    seeds: find === undefined ? seeds.length : seed === undefined ? find.seed - FIRST_SEED + 1 : 1,
    checker: find?.checker ?? null,
    what: find?.what ?? null,
    seconds,
    ...(trace !== undefined && { trace }),
  };
}

const groundOf = ({ engine, plan }: PlantedBug) => ({ engine, ...(plan !== undefined && { plan }) });

const lineOf = ({ name, seed, seeds, checker, seconds }: Hunted): string =>
  [seed === null ? `${name}: not found in ${seeds} seeds` : `${name}: ${checker} at seed ${seed}`, `${seconds} s`].join(
    ', ',
  );

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

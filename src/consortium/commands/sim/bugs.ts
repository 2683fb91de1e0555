import { Worker } from 'node:worker_threads';
import type { PlantedBug } from '../../../simulator/bugs/bug.ts';
import { FIRST_SEED, SEEDS_MAX, type SeedRange } from '../../../simulator/bugs/hunt.ts';
import { PLANTED_BUGS } from '../../../simulator/bugs/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { type Output, usageError } from '../../output.ts';
import type { BugResult, BugWork } from './bug-worker.ts';
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
  readonly seconds: number;
}

/** `sim --list-bugs`. */
export function listBugs(output: Output): ExitCode {
  const bugs = PLANTED_BUGS.map(({ name, engine, file, story, seed }) => ({ name, engine, file, story, seed }));
  output.result({ planted: bugs.length, bugs }, bugs.map(({ name, story }) => `${name}\n  ${story}`).join('\n'));
  return EXIT.holds;
}

/** `sim --bugs`, `sim --bug NAME`: each bug must be found, and its control must not. */
export async function huntBugs(options: SimOptions, output: Output): Promise<ExitCode> {
  const bugs = PLANTED_BUGS.filter(({ name }) => options.bug === undefined || name === options.bug);
  if (!import.meta.url.endsWith('.js')) throw usageError('bugs are planted in the compiled code: build it first');
  if (bugs.length === 0) throw usageError(`no bug is called ${options.bug}: see --list-bugs`);
  const reports = await inLanes(bugs, options.jobs, async (bug) => {
    const report = await huntOne(bug, options.search === true);
    output.say(lineOf(report));
    return report;
  });
  const found = reports.filter(({ seed }) => seed !== null).length;
  const controlsClean = reports.filter(({ controlClean }) => controlClean).length;
  const medianSeeds = medianOf(reports.map(({ seeds }) => seeds));
  const text = `${found} of ${reports.length} bugs found, ${controlsClean} controls clean, median ${medianSeeds} seeds`;
  output.result({ planted: reports.length, found, controlsClean, medianSeeds, bugs: reports }, text);
  return found === reports.length && controlsClean === reports.length ? EXIT.holds : EXIT.violated;
}

/** Replays the kept seed, or searches from the first one on; then the control runs what was run. */
async function huntOne(bug: PlantedBug, search: boolean): Promise<BugReport> {
  const range: SeedRange = search ? { first: FIRST_SEED, count: SEEDS_MAX } : { first: bug.seed, count: 1 };
  const hunted = await work({ bug, isPlanted: true, seeds: range });
  const control = await work({ bug, isPlanted: false, seeds: { first: range.first, count: hunted.seeds } });
  return {
    name: bug.name,
    engine: bug.engine,
    seed: hunted.seed,
    seeds: search ? hunted.seeds : bug.seed - FIRST_SEED + 1,
    checker: hunted.checker,
    what: hunted.what,
    controlClean: control.seed === null,
    seconds: Math.round((hunted.seconds + control.seconds) * 1_000) / 1_000,
  };
}

/** A thread of its own for each: a planted module stays in its thread for good. */
function work(workerData: BugWork): Promise<BugResult> {
  const thread = new Worker(new URL('./bug-worker.js', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the thread of ${workerData.bug.name} ended with ${code}`)));
  });
}

/** So many at a time; answers in the order of the list. */
async function inLanes<Item, Answer>(items: readonly Item[], lanes: number, run: (item: Item) => Promise<Answer>) {
  const answers: Answer[] = [];
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) answers[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return answers;
}

const lineOf = ({ name, seed, seeds, checker, controlClean, seconds }: BugReport): string =>
  [
    seed === null ? `${name}: not found in ${seeds} seeds` : `${name}: ${checker} at seed ${seed}`,
    ...(controlClean ? [] : ['its control fails too']),
    `${seconds} s`,
  ].join(', ');

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

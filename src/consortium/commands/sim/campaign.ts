import { randomInt } from 'node:crypto';
import process from 'node:process';
import { runSeed, type SeedReport } from '../../../simulator/campaign/run-seed.ts';
import { type CampaignReport, Tally } from '../../../simulator/campaign/tally.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { SEED_MAX, type SimOptions } from './flags.ts';
import { keep } from './kept-file.ts';
import { planOfSeed } from './one-run.ts';
import { shrinkFailure } from './shrink.ts';
import { failureLines, replayLine } from './words.ts';
import { runInThreads } from './workers.ts';
import { world } from './world.ts';

/** Failing seeds that are told of; all are counted. */
const SHOWN_MAX = 20;
/** Between two lines of progress. */
const PROGRESS_MS = 5_000;

/** `sim --seeds N`: N runs, judged, counted, and the first failure shrunk. */
export async function campaign(options: SimOptions, output: Output): Promise<ExitCode> {
  const firstSeed = options.firstSeed === 'random' ? randomInt(SEED_MAX + 1) : options.firstSeed;
  const tally = new Tally(options.engine, firstSeed);
  const failed: SeedReport[] = [];
  const say = progressOf(options, output.say);
  const startCpu = process.cpuUsage();
  const onReport = (report: SeedReport): void => {
    tally.add(report);
    if (report.violations.length > 0) {
      failed.push(report);
      if (failed.length > SHOWN_MAX) return;
      output.say(`seed ${report.plan.seed} fails; replay: ${replayLine(options, report.plan.seed)}`);
      for (const line of failureLines(report)) output.say(line);
    }
    say(tally.seeds);
  };
  const complete = await runAll(options, firstSeed, onReport);
  const { user, system } = process.cpuUsage(startCpu);
  const report = tally.report((user + system) / 1_000_000);

  const worst = failed[0];
  const shrunk = worst === undefined ? null : shrinkFailure(world(), worst, output.say);
  if (shrunk !== null && options.keep !== undefined) await keep(options.keep, shrunk, output.say);
  output.result({ ...report, ...(shrunk !== null && { shrunk: shrunk.plan }) }, textOf(report));
  if (tally.failed) return EXIT.violated;
  return complete && report.seeds === options.seeds ? EXIT.holds : EXIT.unknown;
}

async function runAll(options: SimOptions, firstSeed: number, onReport: (report: SeedReport) => void) {
  if (options.jobs > 1) return runInThreads(options, firstSeed, onReport);
  const runPlan = world();
  for (let i = 0; i < options.seeds; i++) onReport(runSeed(runPlan, planOfSeed(options, (firstSeed + i) >>> 0)));
  return true;
}

function progressOf({ engine, seeds }: SimOptions, say: (line: string) => void): (done: number) => void {
  let saidMs = performance.now();
  return (done) => {
    if (performance.now() - saidMs < PROGRESS_MS) return;
    saidMs = performance.now();
    say(`${engine}: ${done} of ${seeds} seeds`);
  };
}

const textOf = (report: CampaignReport): string =>
  [
    `${report.engine}: ${report.seeds} seeds from ${report.firstSeed}, ${report.heights} heights, ${report.eventsTotal} events`,
    `violations        ${report.violations}`,
    `stalled           ${report.stalled}`,
    `seconds a seed    ${report.secondsPerSeed} (signer ${report.signer}; ${report.realSignatures} with real signatures)`,
    `distinct traces   ${report.distinctTraces}`,
    `rules             ${report.ruleCoverage.executed} of ${report.ruleCoverage.rules}, the rarest in ${report.ruleCoverage.leastSeeds} seeds (${report.ruleCoverage.least.join(', ')})`,
    `deepest reversal  ${report.deepestReversal}`,
    `faults            ${JSON.stringify(report.faults)}`,
  ].join('\n');

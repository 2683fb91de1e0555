import { type RunPlan, runSeed, type SeedReport } from '../../../simulator/campaign/run-seed.ts';
import { planOf } from '../../../simulator/draw-plan.ts';
import type { Plan } from '../../../simulator/plan.ts';
import { createTrace } from '../../../simulator/trace/trace.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import type { SimOptions } from './flags.ts';
import { keep } from './kept-file.ts';
import { readPlan } from './plan-file.ts';
import { shrinkFailure } from './shrink.ts';
import { openTraceFile } from './trace-file.ts';
import { countedCheckers, failureLines, replayLine } from './words.ts';
import { world } from './world.ts';

/** `sim --seed N`, `sim --plan FILE`: one run, with the hash of everything that happened in it. */
export async function oneRun(options: SimOptions, output: Output): Promise<ExitCode> {
  const runPlan = world();
  const plan = options.plan === undefined ? planOfSeed(options, options.seed ?? 0) : await readPlan(options.plan);
  const { report, traceHash, traceLines } = traced(runPlan, plan, options.trace);
  const failed = report.violations.length > 0;
  for (const line of failureLines(report)) output.say(line);
  if (failed && options.plan === undefined) output.say(`replay: ${replayLine(options, plan.seed)}`);
  const wanted = failed && (options.shrink === true || options.keep !== undefined);
  const shrunk = wanted ? shrinkFailure(runPlan, report, output.say) : null;
  if (shrunk !== null && options.keep !== undefined) await keep(options.keep, shrunk, output.say);
  output.result(
    {
      engine: plan.engine,
      seed: plan.seed,
      validators: plan.validators,
      heights: report.heights,
      faults: report.faults,
      violations: report.violations,
      stalled: report.stalled,
      signer: plan.signer,
      eventsTotal: report.eventsTotal,
      rulesExecuted: report.rules.length,
      deepestReversal: report.deepestReversal,
      traceHash,
      traceLines,
      plan,
      ...(shrunk !== null && { shrunk: shrunk.plan }),
    },
    [
      `${plan.engine}, seed ${plan.seed}: ${report.heights} heights, ${report.eventsTotal} events, signer ${plan.signer}`,
      `faults   ${JSON.stringify(report.faults)}`,
      `trace    ${traceHash} (${traceLines} lines)`,
      failed ? `violated ${countedCheckers(report)}` : 'every promise held',
      ...(shrunk === null ? [] : [`shrunk   ${JSON.stringify(shrunk.plan)}`]),
    ].join('\n'),
  );
  return failed ? EXIT.violated : EXIT.holds;
}

export const planOfSeed = ({ engine, validators, heights }: SimOptions, seed: number): Plan =>
  planOf(seed, {
    engine,
    ...(validators !== undefined && { validators }),
    ...(heights !== undefined && { heights }),
  });

interface Traced {
  readonly report: SeedReport;
  readonly traceHash: string;
  readonly traceLines: number;
}

/** Runs the plan; every event of it goes into the file, where there is one. */
export function traced(runPlan: RunPlan, plan: Plan, path: string | undefined): Traced {
  const file = path === undefined ? null : openTraceFile(path);
  try {
    const trace = createTrace({ seed: plan.seed, plan: JSON.parse(JSON.stringify(plan)) }, file?.write);
    const report = runSeed(runPlan, plan, [trace.observe]);
    const { heights, stalled, violations } = report;
    trace.finish({ heights, stalled, violations: violations.map(({ checker }) => checker) });
    return { report, traceHash: trace.hash(), traceLines: trace.lines };
  } finally {
    file?.close();
  }
}

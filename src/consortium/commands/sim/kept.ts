import { runSeed } from '../../../simulator/campaign/run-seed.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import type { SimOptions } from './flags.ts';
import { planOfKept, readKept } from './kept-file.ts';
import { failureLines } from './words.ts';
import { world } from './world.ts';

/** `sim --kept FILE`: everything that ever failed and was put on the list, once more. */
export async function replayKept({ kept: path = '' }: SimOptions, output: Output): Promise<ExitCode> {
  const runPlan = world();
  const kept = await readKept(path);
  const failures = kept.flatMap((entry, i) => {
    const report = runSeed(runPlan, planOfKept(entry, `${path}, entry ${i + 1}`));
    if (report.violations.length === 0) return [];
    output.say(`entry ${i + 1} fails again (${entry.why})`);
    for (const line of failureLines(report)) output.say(line);
    return [{ entry: i + 1, why: entry.why, violations: report.violations }];
  });
  const text = `${kept.length} kept runs, ${failures.length} fail again`;
  output.result({ kept: kept.length, failed: failures.length, failures }, text);
  return failures.length === 0 ? EXIT.holds : EXIT.violated;
}

import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { findTests } from './corpus/find-tests.ts';
import { runTest } from './corpus/run-test.ts';
import { type Failure, Tallying } from './corpus/tally.ts';

export interface TestOptions {
  readonly validation?: boolean;
}

/** Disagreements that are told one by one. */
const TOLD_MAX = 100;
const PROGRESS_EVERY = 500;

/** `carechain policy test`: 0 where we agree with a folder of the official corpus on everything, 1 where not. */
export async function policyTest(folder: string, { validation }: TestOptions, output: Output): Promise<ExitCode> {
  const { tests, verdicts } = await findTests(folder);
  const tallying = new Tallying();
  for (const test of tests) {
    await runTest({ folder, test, verdictFile: validation === true ? verdicts.get(test.name) : undefined }, tallying);
    if (++tallying.tally.tests % PROGRESS_EVERY === 0) output.say(`${tallying.tally.tests} of ${tests.length} tests`);
  }
  const { failures, agreed } = tallying;
  for (const failure of failures.slice(0, TOLD_MAX)) output.say(textOf(failure));
  if (failures.length > TOLD_MAX) output.say(`… and ${failures.length - TOLD_MAX} more`);
  const { verdictDisagreements, ...tally } = tallying.tally;
  const result = validation === true ? { ...tally, verdictDisagreements } : tally;
  const text = Object.entries(result).map(([name, count]) => `${name} ${count}`);
  output.result(agreed ? result : { ...result, failures: failures.slice(0, TOLD_MAX) }, text.join('\n'));
  return agreed ? EXIT.holds : EXIT.violated;
}

const textOf = ({ kind, test, about, expected, found }: Failure): string =>
  `${kind} ${test} ${about}: expected ${expected}, found ${found}`;

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { addTallies, type TwinsTally } from '../../../simulator/twins/batch.ts';
import { INSTANCES, ROUNDS, SCENARIOS, SPLITS, VALIDATORS } from '../../../simulator/twins/scenario.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import type { SimOptions } from './flags.ts';

/** What is run where not all of them are: enough to meet every split in every round many times. */
const SAMPLE = 2_048;
/** Scenarios that a thread is given at a time. */
const SHARE = 256;

export interface TwinsShare {
  readonly first: number;
  readonly count: number;
  /** In their own order, or in the sample's. */
  readonly all: boolean;
}

const NOTHING: TwinsTally = { run: 0, violations: 0, stalled: 0, messages: 0, failures: [] };

/** `sim --twins`: one of four validators runs twice; every way to split the network, in every round. */
export async function twins(options: SimOptions, output: Output): Promise<ExitCode> {
  const { engine, jobs } = options;
  if (engine === 'clique') {
    output.say('clique promises nothing against double sealers: twins are for qbft and simplex');
    return EXIT.unknown;
  }
  const all = options.all === true;
  const scenarios = all ? SCENARIOS : SAMPLE;
  const startedMs = performance.now();
  let tally = NOTHING;
  const shares = sharesOf(scenarios, all);
  const onShare = (part: TwinsTally): void => {
    const before = Math.floor((10 * tally.run) / scenarios);
    tally = addTallies(tally, part);
    if (Math.floor((10 * tally.run) / scenarios) > before) output.say(`twins: ${tally.run} of ${scenarios} scenarios`);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, shares.length) }, () => runThread(options, shares, onShare)));
  const result = {
    engine,
    validators: VALIDATORS,
    instances: INSTANCES,
    rounds: ROUNDS,
    splits: SPLITS,
    leaderOffsets: VALIDATORS,
    formula: `${SPLITS}^${ROUNDS} splits × ${VALIDATORS} leader offsets`,
    scenarios: SCENARIOS,
    sampled: !all,
    ...tally,
    seconds: Math.round(performance.now() - startedMs) / 1_000,
  };
  const failed = tally.violations + tally.stalled > 0 || tally.run !== scenarios;
  output.result(
    result,
    [
      `${engine}: ${tally.run} of ${SCENARIOS} scenarios (${result.formula}), ${tally.messages} messages`,
      failed
        ? `FAILED: ${tally.violations} disagree, ${tally.stalled} stall: ${tally.failures}`
        : 'all agree and go on',
    ].join('\n'),
  );
  return failed ? EXIT.violated : EXIT.holds;
}

const sharesOf = (scenarios: number, all: boolean): TwinsShare[] =>
  Array.from({ length: Math.ceil(scenarios / SHARE) }, (_, i) => ({
    first: i * SHARE,
    count: Math.min(SHARE, scenarios - i * SHARE),
    all,
  }));

/** One thread, from its first share to the last one left. */
function runThread(options: SimOptions, shares: TwinsShare[], onShare: (part: TwinsTally) => void): Promise<void> {
  const url = new URL(`./twins-worker${extname(import.meta.url)}`, import.meta.url);
  const thread = new Worker(url, { workerData: options });
  const next = () => thread.postMessage(shares.shift() ?? null);
  next();
  return new Promise((resolve, reject) => {
    thread.on('message', (part: TwinsTally) => {
      onShare(part);
      next();
    });
    thread.once('error', reject);
    thread.once('exit', () => resolve());
  });
}

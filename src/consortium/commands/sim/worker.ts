import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from '../../../simulator/campaign/run-seed.ts';
import type { SimOptions } from './flags.ts';
import { planOfSeed } from './one-run.ts';
import type { Share } from './workers.ts';
import { world } from './world.ts';

/** A thread of a campaign: takes shares of seeds until there are none. */
const options = workerData as SimOptions;
const runPlan = world();

parentPort?.on('message', (share: Share | null) => {
  if (share === null) {
    parentPort?.close();
    return;
  }
  for (let i = 0; i < share.count; i++)
    parentPort?.postMessage(runSeed(runPlan, planOfSeed(options, (share.first + i) >>> 0)));
  parentPort?.postMessage('share done');
});

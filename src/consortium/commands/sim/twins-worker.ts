import { parentPort, workerData } from 'node:worker_threads';
import { engineOf } from '../../../consensus/engines.ts';
import { nativePrimitives } from '../../../node/primitives.ts';
import { simulatedPrimitives } from '../../../simulator/primitives.ts';
import { runTwins, sampled } from '../../../simulator/twins/batch.ts';
import type { SimOptions } from './flags.ts';
import type { TwinsShare } from './twins.ts';

/** A thread of `sim --twins`: takes shares of scenarios until there are none. */
const { engine } = workerData as SimOptions;
const primitives = simulatedPrimitives(nativePrimitives());

parentPort?.on('message', (share: TwinsShare | null) => {
  if (share === null) {
    parentPort?.close();
    return;
  }
  const { first, count, all } = share;
  parentPort?.postMessage(runTwins(engineOf(engine), primitives, { first, count, indexOf: all ? (i) => i : sampled }));
});

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SeedReport } from '../../../simulator/campaign/run-seed.ts';
import type { SimOptions } from './flags.ts';

/** Seeds that a thread is given at a time. */
const SHARE_SEEDS = 8;

export interface Share {
  readonly first: number;
  readonly count: number;
}

/** Shares the seeds among threads, and hands on their reports in whatever order they come. False where a thread broke down. */
export async function runInThreads(
  options: SimOptions,
  firstSeed: number,
  onReport: (report: SeedReport) => void,
): Promise<boolean> {
  const shares = sharesOf(firstSeed, options.seeds);
  const threads = Math.min(options.jobs, shares.length);
  const ends = await Promise.all(Array.from({ length: threads }, () => runThread(options, shares, onReport)));
  return ends.every((ended) => ended);
}

const sharesOf = (first: number, count: number): Share[] =>
  Array.from({ length: Math.ceil(count / SHARE_SEEDS) }, (_, i) => ({
    first: first + i * SHARE_SEEDS,
    count: Math.min(SHARE_SEEDS, count - i * SHARE_SEEDS),
  }));

/** One thread, from its first share to the last one left. */
function runThread(options: SimOptions, shares: Share[], onReport: (report: SeedReport) => void): Promise<boolean> {
  const thread = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData: options });
  const next = () => thread.postMessage(shares.shift() ?? null);
  next();
  return new Promise((resolve, reject) => {
    thread.on('message', (message: SeedReport | 'share done') => {
      if (message === 'share done') next();
      else onReport(message);
    });
    thread.once('error', reject);
    thread.once('exit', (code) => resolve(code === 0));
  });
}

import { Worker } from 'node:worker_threads';
import type { BugResult, BugWork } from './bug-worker.ts';

/** A thread of its own for each: a planted module stays in its thread for good. */
export function work(workerData: BugWork): Promise<BugResult> {
  const thread = new Worker(new URL('./bug-worker.js', import.meta.url), { workerData });
  const name = workerData.patch?.name ?? 'the control';
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the thread of ${name} ended with ${code}`)));
  });
}

/** So many at a time; answers in the order of the list. */
export async function inLanes<Item, Answer>(
  items: readonly Item[],
  lanes: number,
  run: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) answers[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return answers;
}

import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Patch } from '../../../simulator/bugs/bug.ts';
import type { Find, Ground } from '../../../simulator/bugs/hunt.ts';
import { notesOf, PatchError, plantedHere } from '../../../simulator/bugs/patch.ts';

/** A thread with one bug in it, or with none: the control. Everything that could hold a bug is loaded after the hooks are there. */
export interface BugWork {
  readonly patch: Patch | null;
  readonly ground: Ground;
  readonly seeds: readonly number[];
  /** A bug is found once; of a control every seed counts. */
  readonly untilFound: boolean;
  /** Every event of the one seed goes there. */
  readonly traceFile?: string;
}

export interface TraceFacts {
  readonly hash: string;
  readonly lines: number;
}

export interface BugResult {
  readonly runs: number;
  readonly finds: readonly Find[];
  readonly seconds: number;
  readonly trace?: TraceFacts;
}

const { patch, ground, seeds, untilFound, traceFile } = workerData as BugWork;
if (patch !== null)
  register('../../../simulator/bugs/hooks.js', { parentURL: import.meta.url, data: structuredClone(patch) });
const { hunt, planOfBug } = await import('../../../simulator/bugs/hunt.ts');
const { world } = await import('./world.ts');
const runPlan = world();
const expected = patch === null ? [] : notesOf(patch);
if (plantedHere().join() !== expected.join())
  throw new PatchError(`${patch?.name} stands in ${plantedHere().join()}, where ${expected.join()} was expected`);

const startMs = performance.now();
let runs = 0;
const finds: Find[] = [];
for (const find of hunt(runPlan, ground, seeds)) {
  runs++;
  if (find !== null) finds.push(find);
  if (find !== null && untilFound) break;
}
const seconds = Math.round(performance.now() - startMs) / 1_000;
/** The run again, with somebody who writes it down: who only looks changes nothing. */
async function writeTrace(path: string): Promise<TraceFacts> {
  const { traced } = await import('./one-run.ts');
  const { traceHash, traceLines } = traced(runPlan, planOfBug(ground, seeds[0] ?? 0), path);
  return { hash: traceHash, lines: traceLines };
}
const result: BugResult = { runs, finds, seconds, ...(traceFile && { trace: await writeTrace(traceFile) }) };
parentPort?.postMessage(result);

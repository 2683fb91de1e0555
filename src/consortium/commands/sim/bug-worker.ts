import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { PlantedBug } from '../../../simulator/bugs/bug.ts';
import type { Hunt, SeedRange } from '../../../simulator/bugs/hunt.ts';
import { PatchError, plantedHere } from '../../../simulator/bugs/patch.ts';

/** A thread with one bug in it, or with none: the control. Everything that could hold a bug is loaded after the hooks are there. */
export interface BugWork {
  readonly bug: PlantedBug;
  readonly isPlanted: boolean;
  readonly seeds: SeedRange;
}

export interface BugResult extends Hunt {
  readonly seconds: number;
}

const { bug, isPlanted, seeds } = workerData as BugWork;
if (isPlanted) {
  const { name, file, find, replace } = bug;
  register('../../../simulator/bugs/hooks.js', { parentURL: import.meta.url, data: { name, file, find, replace } });
}
const { hunt } = await import('../../../simulator/bugs/hunt.ts');
const { world } = await import('./world.ts');
const runPlan = world();
if (plantedHere() !== (isPlanted ? bug.name : undefined)) throw new PatchError(`${bug.name} is not where it should be`);

const startMs = performance.now();
const found = hunt(runPlan, bug, seeds);
const result: BugResult = { ...found, seconds: Math.round(performance.now() - startMs) / 1_000 };
parentPort?.postMessage(result);

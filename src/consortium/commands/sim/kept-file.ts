import { writeFile } from 'node:fs/promises';
import { planOf } from '../../../simulator/draw-plan.ts';
import type { Plan } from '../../../simulator/plan.ts';
import { usageError } from '../../output.ts';
import type { SimOptions } from './flags.ts';
import { asPlan, readJsonFile } from './plan-file.ts';
import type { ShrunkFailure } from './shrink.ts';

/** A run that once failed, and must never again: a seed with its setting, or a whole plan. */
export interface Kept extends Partial<Pick<SimOptions, 'engine' | 'seed' | 'validators' | 'heights'>> {
  readonly plan?: Plan;
  readonly why: string;
}

export async function readKept(path: string): Promise<readonly Kept[]> {
  const list = await readJsonFile(path);
  if (!Array.isArray(list)) throw usageError(`${path} holds no list`);
  return list as readonly Kept[];
}

export function planOfKept(kept: Kept, where: string): Plan {
  const { plan, engine, seed, validators, heights } = kept;
  if (plan !== undefined) return asPlan(plan, where);
  if (engine === undefined || seed === undefined)
    throw usageError(`${where} has neither a plan nor an engine and a seed`);
  return planOf(seed, {
    engine,
    ...(validators !== undefined && { validators }),
    ...(heights !== undefined && { heights }),
  });
}

/** Adds a failure to the list; it begins the list where there is none. */
export async function keep(path: string, { plan, checker, what }: ShrunkFailure, say: (line: string) => void) {
  const list = await readKept(path).catch((error: { code?: string }) => {
    if (error.code === 'consortium-command.file-missing') return [];
    throw error;
  });
  const why = `${checker}: ${what.split('\n')[0]}`;
  await writeFile(path, `${JSON.stringify([...list, { plan, why }], null, 2)}\n`);
  say(`kept in ${path}, which holds ${list.length + 1} now`);
}

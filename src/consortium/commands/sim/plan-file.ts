import { readFile } from 'node:fs/promises';
import { PLAN_VERSION, type Plan } from '../../../simulator/plan.ts';
import { CONSORTIUM_CODES } from '../../codes.ts';
import { EXIT } from '../../exit-codes.ts';
import { CommandError, usageError } from '../../output.ts';

/** The JSON of a file that a person named. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage, cause });
  });
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`${path} holds no JSON`);
  }
}

const NUMBERS = ['seed', 'validators', 'followers', 'heights', 'quietFromMs'] as const;
const LISTS = ['skews', 'byzantine', 'faults'] as const;
const MAPS = ['network', 'disk', 'workload'] as const;

/** A plan by its form: this program's own files, written by `--shrink`; what stands in them is the runner's to make sense of. */
export function asPlan(value: unknown, where: string): Plan {
  const plan = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (plan.version !== PLAN_VERSION) throw usageError(`${where} is no plan of version ${PLAN_VERSION}`);
  const wrong = [
    ...NUMBERS.filter((name) => !Number.isSafeInteger(plan[name])),
    ...LISTS.filter((name) => !Array.isArray(plan[name])),
    ...MAPS.filter((name) => typeof plan[name] !== 'object' || plan[name] === null),
    ...(['qbft', 'simplex', 'clique'].includes(String(plan.engine)) ? [] : ['engine']),
  ];
  if (wrong.length > 0) throw usageError(`${where} is no plan: ${wrong.join(', ')}`);
  return plan as unknown as Plan;
}

export const readPlan = async (path: string): Promise<Plan> => asPlan(await readJsonFile(path), path);

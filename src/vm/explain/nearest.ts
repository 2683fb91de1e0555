import { Failure } from '../evaluate/outcome.ts';
import type { Run } from '../evaluate/run.ts';
import type { Clause } from './clauses.ts';
import { evaluate } from './values-met.ts';

/**
 * How far a permit is from being satisfied; undefined where it is about another action. In this order: clauses of the scope that do not
 * hold, conditions that do not hold, and then the more that hold, the nearer. A clause that fails with an error counts only
 * where none is false: `hasTag` is false, and every `getTag` after it errs.
 */
export function distanceOf(run: Run, clauses: readonly Clause[]): readonly number[] | undefined {
  let [scope, conditions, errors, held] = [0, 0, 0, 0];
  for (const { part, expression, expected } of clauses) {
    const outcome = evaluate(run, expression);
    if (outcome === expected) held++;
    else if (part === 'action') return undefined;
    else if (part === 'principal' || part === 'resource') scope++;
    else if (outcome instanceof Failure) errors++;
    else conditions++;
  }
  return [scope, conditions > 0 ? conditions : Math.min(errors, 1), -held];
}

/** Of two that are as near, the first by the bytes of its id stays. */
export function isNearer(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs >= 0 && (a[differs] as number) < (b[differs] as number);
}

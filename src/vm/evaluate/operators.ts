import type { BinaryOperator } from '../syntax/ast.ts';
import { contains, containsAll, containsAny, equalValues } from '../values/equality.ts';
import { isI64 } from '../values/i64.ts';
import { isEntity, isExtension, isRecord, isSet } from '../values/kinds.ts';
import type { EntityUid, SetValue, Value } from '../values/value.ts';
import { GAS } from './gas.ts';
import { isIn, UidSet } from './hierarchy.ts';
import {
  Failure,
  MISSING_ATTRIBUTE,
  MISSING_ENTITY,
  MISSING_TAG,
  OUT_OF_GAS,
  type Outcome,
  OVERFLOW,
  TYPE_ERROR,
} from './outcome.ts';
import { pays, paysForWeight, type Run } from './run.ts';

export type BinaryFunction = (run: Run, left: Value, right: Value) => Outcome;

/** What each operator does with two values (cedar-spec, Evaluator: `apply₂`). */
export const BINARY: Readonly<Record<BinaryOperator, BinaryFunction>> = {
  '==': compared(equalValues),
  '!=': compared((a, b) => !equalValues(a, b)),
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  '+': arithmetic((a, b) => a + b),
  '-': arithmetic((a, b) => a - b),
  '*': arithmetic((a, b) => a * b),
  in: isMember,
  contains: (run, set, value) => {
    if (!isSet(set)) return TYPE_ERROR;
    return paysForBoth(run, set, value) ? contains(set, value) : OUT_OF_GAS;
  },
  containsAll: ofSets(containsAll),
  containsAny: ofSets(containsAny),
  hasTag: (run, target, name) => {
    if (!isEntity(target) || typeof name !== 'string') return TYPE_ERROR;
    if (!pays(run, GAS.entity)) return OUT_OF_GAS;
    return run.entities.entity(target)?.tag(name) !== undefined;
  },
  getTag: (run, target, name) => {
    if (!isEntity(target) || typeof name !== 'string') return TYPE_ERROR;
    if (!pays(run, GAS.entity)) return OUT_OF_GAS;
    const entity = run.entities.entity(target);
    return entity === undefined ? MISSING_ENTITY : (entity.tag(name) ?? MISSING_TAG);
  },
};

const paysForBoth = (run: Run, a: Value, b: Value): boolean => paysForWeight(run, [a, b]);

function compared(test: (a: Value, b: Value) => boolean): BinaryFunction {
  return (run, a, b) => (paysForBoth(run, a, b) ? test(a, b) : OUT_OF_GAS);
}

function ofSets(test: (a: SetValue, b: SetValue) => boolean): BinaryFunction {
  return (run, a, b) => {
    if (!isSet(a) || !isSet(b)) return TYPE_ERROR;
    return paysForBoth(run, a, b) ? test(a, b) : OUT_OF_GAS;
  };
}

function arithmetic(apply: (a: bigint, b: bigint) => bigint): BinaryFunction {
  return (_run, a, b) => {
    if (typeof a !== 'bigint' || typeof b !== 'bigint') return TYPE_ERROR;
    const result = apply(a, b);
    return isI64(result) ? result : OVERFLOW;
  };
}

/** Longs, datetimes and durations have an order; decimals are compared by methods. */
function ordered(test: (a: bigint, b: bigint) => boolean): BinaryFunction {
  return (_run, a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return test(a, b);
    if (isExtension(a, 'datetime') && isExtension(b, 'datetime')) return test(a.units, b.units);
    if (isExtension(a, 'duration') && isExtension(b, 'duration')) return test(a.units, b.units);
    return TYPE_ERROR;
  };
}

/** `in` an entity, or in any of a set that holds nothing but entities. */
function isMember(run: Run, start: Value, target: Value): Outcome {
  if (!isEntity(start)) return TYPE_ERROR;
  if (isEntity(target)) return isIn(run, start, new UidSet([target]));
  if (!isSet(target)) return TYPE_ERROR;
  if (!paysForWeight(run, [target])) return OUT_OF_GAS;
  return target.items.every(isEntity) ? isIn(run, start, new UidSet(target.items as EntityUid[])) : TYPE_ERROR;
}

/** `.name` of a record or an entity. */
export function attributeOf(run: Run, target: Value, name: string): Outcome {
  if (isRecord(target)) return target.fields.get(name) ?? MISSING_ATTRIBUTE;
  if (!isEntity(target)) return TYPE_ERROR;
  if (!pays(run, GAS.entity)) return OUT_OF_GAS;
  const entity = run.entities.entity(target);
  return entity === undefined ? MISSING_ENTITY : (entity.attribute(name) ?? MISSING_ATTRIBUTE);
}

/** `has a.b.c`: false at the first step that is missing, an error where a step is neither record nor entity. */
export function hasPath(run: Run, target: Value, path: readonly string[]): boolean | Failure {
  let at = target;
  for (const name of path) {
    const next = attributeOf(run, at, name);
    if (next === MISSING_ATTRIBUTE || next === MISSING_ENTITY) return false;
    if (next instanceof Failure) return next;
    at = next;
  }
  return true;
}

import type { Expression } from '../syntax/ast.ts';
import { requireOneType } from './check-equality.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { A_SET } from './expected.ts';
import { EMPTY_SET, notJoined } from './sentences.ts';
import { BOOL, NEVER, type Type } from './types.ts';

/** A set literal holds what its items have in common. Strict: it has items. */
export function checkSet(checker: Checker, { items, at }: ExpressionOf<'set'>): Checked {
  if (items.length === 0 && checker.joining.strict) {
    checker.report('vm-validate.empty-set', at, () => EMPTY_SET);
    return typed(undefined);
  }
  const types = items.map((item) => checker.check(item).type);
  if (types.some((type) => type === undefined)) return typed(undefined);
  let element: Type = NEVER;
  for (const type of types as readonly Type[]) {
    const bound = checker.bound(element, type);
    if (bound === undefined) {
      checker.report('vm-validate.incompatible-types', at, () => notJoined('All items of a set', element, type));
      return typed(undefined);
    }
    element = bound;
  }
  return typed({ kind: 'set', element });
}

/** Strict: the item could be one of the set's. */
export function checkContains(checker: Checker, { left, right, at }: ExpressionOf<'binary'>): Checked {
  const { type: set } = checker.expect(left, A_SET, 'contains');
  const { type: item } = checker.check(right);
  if (set !== undefined && item !== undefined)
    requireOneType(checker, at, 'What a set holds and what it is asked for', set.element, item);
  return typed(BOOL);
}

/** `containsAll` and `containsAny`. Strict: the two sets hold things of one type. */
export function checkContainsMany(checker: Checker, { operator, left, right, at }: ExpressionOf<'binary'>): Checked {
  const { type: a } = checker.expect(left, A_SET, operator);
  const { type: b } = checker.expect(right, A_SET, operator);
  if (a !== undefined && b !== undefined) requireOneType(checker, at, `Both sets of ${operator}`, a, b);
  return typed(BOOL);
}

export function checkIsEmpty(checker: Checker, { operand }: { readonly operand: Expression }): Checked {
  checker.expect(operand, A_SET, 'isEmpty');
  return typed(BOOL);
}

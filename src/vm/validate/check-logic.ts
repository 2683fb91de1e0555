import type { Expression } from '../syntax/ast.ts';
import { type Capability, intersection, NONE, union } from './capabilities.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { A_BOOL } from './expected.ts';
import { notJoined } from './sentences.ts';
import { BOOL, boolOf, FALSE, onlyOf, TRUE } from './types.ts';

/** Each operand is checked where the ones before it were true. What follows one that is always false never runs. */
export function checkAnd(checker: Checker, { operands }: ExpressionOf<'and'>): Checked {
  const gained: Capability[] = [];
  let isAlwaysTrue = true;
  let isAlwaysFalse = false;
  for (const operand of operands) {
    const { type, gains } = checker.expect(operand, A_BOOL, '&&');
    const only = onlyOf(type);
    isAlwaysFalse = only === false;
    if (isAlwaysFalse) break;
    isAlwaysTrue &&= only === true;
    if (!checker.policy.budget.spend(gains.length)) break;
    checker.known.enter(gains);
    gained.push(...gains);
  }
  checker.known.leave(gained);
  return isAlwaysFalse ? typed(FALSE) : typed(isAlwaysTrue ? TRUE : BOOL, gained);
}

/** What follows an operand that is always true never runs; one that is always false adds nothing, and takes nothing away. */
export function checkOr(checker: Checker, { operands }: ExpressionOf<'or'>): Checked {
  const { budget } = checker.policy;
  let gained: readonly Capability[] | undefined;
  for (const operand of operands) {
    const { type, gains } = checker.expect(operand, A_BOOL, '||');
    const only = onlyOf(type);
    if (only === true) return typed(TRUE, gains);
    if (only === false) continue;
    if (!budget.spend(gains.length + (gained?.length ?? 0))) break;
    gained = gained === undefined ? gains : intersection(gained, gains);
  }
  return gained === undefined ? typed(FALSE) : typed(BOOL, gained);
}

export function checkNot(checker: Checker, { operand }: { readonly operand: Expression }): Checked {
  const only = onlyOf(checker.expect(operand, A_BOOL, '!').type);
  return typed(boolOf(only === undefined ? undefined : !only));
}

/** Of a test that is always true or always false, one branch never runs. */
export function checkIf(checker: Checker, { test, whenTrue, whenFalse, at }: ExpressionOf<'if'>): Checked {
  const tested = checker.expect(test, A_BOOL, 'if');
  const only = onlyOf(tested.type);
  if (only === false) return checker.check(whenFalse);
  const taken = checker.checkWith(tested.gains, whenTrue);
  if (!checker.policy.budget.spend(tested.gains.length + taken.gains.length)) return typed(undefined);
  const gained = union(tested.gains, taken.gains);
  if (only === true) return typed(taken.type, gained);

  const other = checker.check(whenFalse);
  const [a, b] = [taken.type, other.type];
  if (a === undefined || b === undefined) return typed(undefined);
  const bound = checker.bound(a, b);
  if (bound === undefined) {
    checker.report('vm-validate.incompatible-types', at, () => notJoined('Both branches of an if', a, b));
    return typed(undefined, NONE);
  }
  return typed(bound, intersection(gained, other.gains));
}

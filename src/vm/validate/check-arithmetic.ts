import type { Expression } from '../syntax/ast.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { A_LONG, A_STRING } from './expected.ts';
import { notComparable, takes } from './sentences.ts';
import { textOf } from './show-type.ts';
import { BOOL, LONG, type Type } from './types.ts';

type Binary = ExpressionOf<'binary'>;

/** `+`, `-` and `*` of Longs. What they come to may overflow: that is found when they run. */
export function checkArithmetic(checker: Checker, { operator, left, right }: Binary): Checked {
  checker.expect(left, A_LONG, operator);
  checker.expect(right, A_LONG, operator);
  return typed(LONG);
}

export function checkNegate(checker: Checker, { operand }: { readonly operand: Expression }): Checked {
  checker.expect(operand, A_LONG, '-');
  return typed(LONG);
}

const isComparable = ({ kind }: Type): boolean => kind === 'long' || kind === 'datetime' || kind === 'duration';

/** `<`, `<=`, `>` and `>=`: two of one kind that has an order. Decimals are compared by their methods. */
export function checkComparison(checker: Checker, { operator, left, right }: Binary): Checked {
  const a = checker.check(left).type;
  const b = checker.check(right).type;
  const wrong = (operand: Expression, describe: () => ReturnType<typeof takes>): void =>
    checker.report('vm-validate.wrong-type', operand.at, describe);
  if (a !== undefined && !isComparable(a)) wrong(left, () => notComparable(a));
  if (b !== undefined && !isComparable(b)) wrong(right, () => notComparable(b));
  else if (a !== undefined && b !== undefined && isComparable(a) && a.kind !== b.kind)
    wrong(right, () => takes(`${operator} after ${textOf(a)}`, textOf(a), b));
  return typed(BOOL);
}

export function checkLike(checker: Checker, { operand }: ExpressionOf<'like'>): Checked {
  checker.expect(operand, A_STRING, 'like');
  return typed(BOOL);
}

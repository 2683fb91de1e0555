import type { Expression } from '../syntax/ast.ts';
import { equalValues } from '../values/equality.ts';
import type { EntityUid, Value } from '../values/value.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { notJoined } from './sentences.ts';
import { BOOL, boolOf, FALSE, onlyOf, type Type } from './types.ts';

type Binary = ExpressionOf<'binary'>;

/** `==` and `!=`. Strict: the two have a common type, unless we know already that they are, or are not, equal. */
export function checkEquality(checker: Checker, { operator, left, right, at }: Binary): Checked {
  const a = checker.check(left).type;
  const b = checker.check(right).type;
  const equality = typeOfEquality(checker, left, right, a, b);
  if (onlyOf(equality) === undefined && a !== undefined && b !== undefined)
    requireOneType(checker, at, `Both sides of ${operator}`, a, b);
  const only = onlyOf(equality);
  return typed(operator === '==' || only === undefined ? equality : boolOf(!only));
}

function typeOfEquality(checker: Checker, left: Expression, right: Expression, a?: Type, b?: Type): Type {
  if (a !== undefined && b !== undefined && areDisjoint(a, b)) return FALSE;
  const [x, y] = [constantOf(checker, left), constantOf(checker, right)];
  return x === undefined || y === undefined ? BOOL : boolOf(equalValues(x, y));
}

/** Entities of types that have none in common. Other types that look apart may not be: any two sets may be empty. */
function areDisjoint(a: Type, b: Type): boolean {
  return a.kind === 'entity' && b.kind === 'entity' && ![...a.types].some((name) => b.types.has(name));
}

/** Strict mode's rule for whatever compares two values: they have a common type. */
export function requireOneType(checker: Checker, at: number, what: string, a: Type, b: Type): void {
  if (!checker.joining.strict || checker.bound(a, b) !== undefined) return;
  checker.report('vm-validate.incompatible-types', at, () => notJoined(what, a, b));
}

/** What is known whatever the request holds: a literal, and `action`, which each kind of request fixes. */
function constantOf(checker: Checker, expression: Expression): Value | undefined {
  if (expression.kind === 'variable' && expression.name === 'action') return checker.request.action;
  if (expression.kind === 'and' || expression.kind === 'or') return literalLogic(expression);
  if (expression.kind !== 'literal') return undefined;
  const { value } = expression;
  return typeof value !== 'object' || value.kind === 'entity' ? value : undefined;
}

/** The language's trees hold `&&` and `||` of two boolean literals as the literal they come to; no other operator is worked out. */
function literalLogic({ kind, operands }: ExpressionOf<'and' | 'or'>): boolean | undefined {
  let joined: boolean | undefined;
  for (const operand of operands) {
    const value = literalBoolean(operand);
    if (value === undefined) return undefined;
    joined = joined === undefined ? value : kind === 'and' ? joined && value : joined || value;
  }
  return joined;
}

function literalBoolean(expression: Expression): boolean | undefined {
  if (expression.kind === 'and' || expression.kind === 'or') return literalLogic(expression);
  return expression.kind === 'literal' && typeof expression.value === 'boolean' ? expression.value : undefined;
}

export function constantEntity(checker: Checker, expression: Expression): EntityUid | undefined {
  const value = constantOf(checker, expression);
  return typeof value === 'object' && value.kind === 'entity' ? value : undefined;
}

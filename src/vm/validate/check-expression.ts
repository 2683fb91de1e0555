import type { Expression } from '../syntax/ast.ts';
import type { Value } from '../values/value.ts';
import { checkArithmetic, checkComparison, checkLike, checkNegate } from './check-arithmetic.ts';
import { checkAttribute, checkHas } from './check-attributes.ts';
import { checkCall } from './check-calls.ts';
import { checkEquality } from './check-equality.ts';
import { checkIn, checkIs } from './check-hierarchy.ts';
import { checkAnd, checkIf, checkNot, checkOr } from './check-logic.ts';
import { checkContains, checkContainsMany, checkIsEmpty, checkSet } from './check-sets.ts';
import { checkGetTag, checkHasTag } from './check-tags.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { type Attribute, boolOf, isActionType, kindOfExtension, LONG, NEVER, STRING, type Type } from './types.ts';

/** The rule for each kind of expression. Source: Cedar's specification, `Typechecker.lean`, and the official engine. */
export function checkExpression(checker: Checker, expression: Expression): Checked {
  switch (expression.kind) {
    case 'literal':
      return typed(typeOfValue(checker, expression.value));
    case 'variable':
      return typed(typeOfVariable(checker, expression));
    case 'and':
      return checkAnd(checker, expression);
    case 'or':
      return checkOr(checker, expression);
    case 'not':
      return checkNot(checker, expression);
    case 'if':
      return checkIf(checker, expression);
    case 'negate':
      return checkNegate(checker, expression);
    case 'like':
      return checkLike(checker, expression);
    case 'is':
      return checkIs(checker, expression);
    case 'has':
      return checkHas(checker, expression);
    case 'attribute':
      return checkAttribute(checker, expression);
    case 'set':
      return checkSet(checker, expression);
    case 'isEmpty':
      return checkIsEmpty(checker, expression);
    case 'record':
      return checkRecord(checker, expression);
    case 'call':
      return checkCall(checker, expression);
    case 'binary':
      return checkBinary(checker, expression);
  }
}

function checkBinary(checker: Checker, expression: ExpressionOf<'binary'>): Checked {
  switch (expression.operator) {
    case '==':
    case '!=':
      return checkEquality(checker, expression);
    case 'in':
      return checkIn(checker, expression);
    case 'contains':
      return checkContains(checker, expression);
    case 'containsAll':
    case 'containsAny':
      return checkContainsMany(checker, expression);
    case 'hasTag':
      return checkHasTag(checker, expression);
    case 'getTag':
      return checkGetTag(checker, expression);
    case '+':
    case '-':
    case '*':
      return checkArithmetic(checker, expression);
    default:
      return checkComparison(checker, expression);
  }
}

function checkRecord(checker: Checker, { fields }: ExpressionOf<'record'>): Checked {
  const attributes = new Map<string, Attribute>();
  let isWhole = true;
  for (const [name, field] of fields) {
    const { type } = checker.check(field);
    if (type === undefined) isWhole = false;
    else attributes.set(name, { type, required: true });
  }
  return typed(isWhole ? { kind: 'record', attributes, open: false } : undefined);
}

function typeOfVariable({ policy: { world }, request }: Checker, { name }: ExpressionOf<'variable'>): Type {
  switch (name) {
    case 'principal':
      return world.entityOf(request.principal);
    case 'action':
      return world.entityOf(request.action.type);
    case 'resource':
      return world.entityOf(request.resource);
    case 'context':
      return world.typeOf(request.context);
  }
}

/** Text has booleans, numbers, strings and entities; the rest only a program can make, and it counts as what it holds. */
function typeOfValue(checker: Checker, value: Value): Type | undefined {
  if (typeof value === 'boolean') return boolOf(value);
  if (typeof value === 'bigint') return LONG;
  if (typeof value === 'string') return STRING;
  const { world } = checker.policy;
  switch (value.kind) {
    case 'entity':
      // An undeclared one is reported with the names of the policy (names.ts), whether or not it can be reached.
      if (isActionType(value.type) ? world.action(value) === undefined : !world.isKnownType(value.type))
        return undefined;
      return world.entityOf(value.type);
    case 'set': {
      const types = value.items.map((item) => typeOfValue(checker, item));
      const element = types.reduce((a, b) => a && b && checker.bound(a, b), NEVER);
      return element && { kind: 'set', element };
    }
    case 'record': {
      const types = [...value.fields].map(([name, field]) => [name, typeOfValue(checker, field)] as const);
      const attributes = new Map<string, Attribute>();
      for (const [name, type] of types) if (type !== undefined) attributes.set(name, { type, required: true });
      return attributes.size === types.length ? { kind: 'record', attributes, open: false } : undefined;
    }
    default:
      return { kind: kindOfExtension(value) };
  }
}

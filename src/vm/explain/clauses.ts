import type { PolicySource } from '../evaluate/compile-policy.ts';
import type { Expression, ScopeClause } from '../syntax/ast.ts';
import type { Value } from '../values/value.ts';

export type Part = 'principal' | 'action' | 'resource' | 'when' | 'unless';

/** The smallest piece of a policy that can stop it: what is said, and whether that must come out true or false. */
export interface Clause {
  readonly part: Part;
  readonly expression: Expression;
  readonly expected: boolean;
}

/**
 * A policy as one list of clauses, in the order in which the evaluator meets them: it is satisfied where every clause comes out as
 * expected, and stops at the first that does not. `A && B` that must be true is A, then B; `A || B` that must be false is the same.
 */
export function clausesOf({ scope, conditions }: PolicySource): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const part of SCOPE) {
    const expression = scopeExpression(part, scope[part]);
    if (expression !== undefined) clauses.push({ part, expression, expected: true });
  }
  for (const { kind, body } of conditions) split(kind, body, kind === 'when', clauses);
  return clauses;
}

const SCOPE = ['principal', 'action', 'resource'] as const;

function split(part: Part, expression: Expression, expected: boolean, clauses: Clause[]): void {
  if (expression.kind === 'not') split(part, expression.operand, !expected, clauses);
  else if (isChain(expression) && (expression.kind === 'and') === expected)
    for (const operand of expression.operands) split(part, operand, expected, clauses);
  else clauses.push({ part, expression, expected });
}

type Chain = Extract<Expression, { kind: 'and' | 'or' }>;

/** `e is T in f` is one clause: nobody wrote its two halves. */
const isChain = (expression: Expression): expression is Chain =>
  expression.kind === 'or' || (expression.kind === 'and' && expression.isIn !== true);

/** A clause of the scope as the expression that says the same; undefined where it says nothing. */
function scopeExpression(name: 'principal' | 'action' | 'resource', clause: ScopeClause): Expression | undefined {
  const { at } = clause;
  const variable: Expression = { kind: 'variable', at, name };
  const literal = (value: Value): Expression => ({ kind: 'literal', at, value });
  const within = (right: Expression): Expression => ({ kind: 'binary', at, operator: 'in', left: variable, right });
  switch (clause.kind) {
    case 'any':
      return undefined;
    case '==':
      return { kind: 'binary', at, operator: '==', left: variable, right: literal(clause.uid) };
    case 'in': {
      const [only] = clause.uids;
      if (only !== undefined && clause.uids.length === 1) return within(literal(only));
      return within({ kind: 'set', at, items: clause.uids.map(literal) });
    }
    case 'is': {
      const is: Expression = { kind: 'is', at, operand: variable, entityType: clause.entityType };
      if (clause.within === undefined) return is;
      return { kind: 'and', at, operands: [is, within(literal(clause.within))], isIn: true };
    }
  }
}

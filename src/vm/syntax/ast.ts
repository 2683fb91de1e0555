import type { LikePattern } from '../values/like.ts';
import type { EntityUid, Value } from '../values/value.ts';
import type { Position } from './position.ts';

export type Variable = 'principal' | 'action' | 'resource' | 'context';

export type BinaryOperator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | '+'
  | '-'
  | '*'
  | 'contains'
  | 'containsAll'
  | 'containsAny'
  | 'hasTag'
  | 'getTag';

/** A Cedar expression. `&&` and `||` keep their operands in one list, so a long chain is not a deep tree. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'variable'; readonly name: Variable }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not' | 'negate' | 'isEmpty'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `e has a.b.c`: every step exists. */
  | { readonly kind: 'has'; readonly operand: Expression; readonly path: readonly string[] }
  | { readonly kind: 'attribute'; readonly operand: Expression; readonly name: string }
  | { readonly kind: 'like'; readonly operand: Expression; readonly pattern: LikePattern }
  | { readonly kind: 'is'; readonly operand: Expression; readonly entityType: string }
  | { readonly kind: 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Expression> }
  /** An extension function; a method's receiver is its first argument. */
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] };

/** One clause of a scope. `in` holds where the variable is in any of `uids`. */
export type ScopeClause =
  | { readonly kind: 'any' }
  | { readonly kind: '=='; readonly uid: EntityUid }
  | { readonly kind: 'in'; readonly uids: readonly EntityUid[] }
  | { readonly kind: 'is'; readonly entityType: string; readonly within: EntityUid | undefined };

export interface Scope {
  readonly principal: ScopeClause;
  readonly action: ScopeClause;
  readonly resource: ScopeClause;
}

export interface Condition {
  readonly kind: 'when' | 'unless';
  readonly body: Expression;
  readonly position: Position;
}

/** A policy as written, before it has an id. */
export interface ParsedPolicy {
  readonly effect: 'permit' | 'forbid';
  readonly annotations: ReadonlyMap<string, string>;
  readonly scope: Scope;
  readonly conditions: readonly Condition[];
  readonly text: string;
  readonly position: Position;
}

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'variable':
      return [];
    case 'if':
      return [expression.test, expression.whenTrue, expression.whenFalse];
    case 'and':
    case 'or':
    case 'call':
      return expression.operands;
    case 'binary':
      return [expression.left, expression.right];
    case 'set':
      return expression.items;
    case 'record':
      return [...expression.fields.values()];
    default:
      return [expression.operand];
  }
}

/** True where no branch of the tree is longer than `depthMax`. It keeps its own stack: it runs before the depth is known. */
export function isWithinDepth(root: Expression, depthMax: number): boolean {
  const waiting: { expression: Expression; depth: number }[] = [{ expression: root, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > depthMax) return false;
    for (const child of childrenOf(next.expression)) waiting.push({ expression: child, depth: next.depth + 1 });
  }
  return true;
}

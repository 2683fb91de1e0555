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

/**
 * A Cedar expression. `&&` and `||` keep their operands in one list, so a long chain is not a deep tree. `at` is where the token
 * stands that makes the node (the `+` of `a + b`, the name in `a.b`, else its first), in UTF-16 units from the start of the policy
 * set's text; 0 in a node that a program made.
 */
export type Expression = { readonly at: number } & Node;

type Node =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'variable'; readonly name: Variable }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: 'or'; readonly operands: readonly Expression[] }
  /** `isIn`: written `e is T in f`, short for `e is T && e in f`; the two operands share `e`. */
  | { readonly kind: 'and'; readonly operands: readonly Expression[]; readonly isIn?: true }
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

/** One clause of a scope; `at` is where its variable stands. `in` holds where the variable is in any of `uids`. */
export type ScopeClause = { readonly at: number } & (
  | { readonly kind: 'any' }
  | { readonly kind: '=='; readonly uid: EntityUid }
  | { readonly kind: 'in'; readonly uids: readonly EntityUid[] }
  | { readonly kind: 'is'; readonly entityType: string; readonly within: EntityUid | undefined }
);

/** A clause of a template that names its own variable's slot: `principal == ?principal`, `in ?principal`, `is User in ?principal`. */
export interface SlotClause {
  readonly kind: 'slot';
  readonly operator: '==' | 'in';
  readonly entityType: string | undefined;
  readonly at: number;
}

export interface Scope {
  readonly principal: ScopeClause;
  readonly action: ScopeClause;
  readonly resource: ScopeClause;
}

export interface TemplateScope {
  readonly principal: ScopeClause | SlotClause;
  readonly action: ScopeClause;
  readonly resource: ScopeClause | SlotClause;
}

export interface Condition {
  readonly kind: 'when' | 'unless';
  readonly body: Expression;
  readonly at: number;
  readonly position: Position;
}

interface Written<S> {
  readonly effect: 'permit' | 'forbid';
  /** One without a value means the empty text. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly scope: S;
  readonly conditions: readonly Condition[];
  /** As written, from its annotations to its semicolon. */
  readonly text: string;
  /** Where `text` begins in the text of the policy set. */
  readonly at: number;
  readonly position: Position;
}

/** A policy as written, before it has an id. */
export type ParsedPolicy = Written<Scope>;

/** A policy with slots in its scope, which decides nothing until `linkTemplate` fills them. */
export type ParsedTemplate = Written<TemplateScope>;

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

/**
 * True where no branch of the tree is longer than `depthMax`. It keeps its own stack: it runs before the depth is known. What
 * operands share (`isIn`) is walked once: a chain of such would otherwise be walked twice at each level.
 */
export function isWithinDepth(root: Expression, depthMax: number): boolean {
  const waiting: { expression: Expression; depth: number }[] = [{ expression: root, depth: 1 }];
  const walked = new Map<Expression, number>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { expression } = next;
    if ((walked.get(expression) ?? 0) >= next.depth) continue;
    walked.set(expression, next.depth);
    // `e has a.b.c` reads e.a and e.a.b: it is as deep as they are.
    const depth = next.depth + (expression.kind === 'has' ? expression.path.length - 1 : 0);
    if (depth > depthMax) return false;
    for (const child of childrenOf(expression)) waiting.push({ expression: child, depth: depth + 1 });
  }
  return true;
}

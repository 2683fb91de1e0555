import type { Condition, Expression, ParsedPolicy, Scope, ScopeClause } from '../../src/vm/syntax/ast.ts';
import { printExpression } from '../../src/vm/syntax/print-policy.ts';

/** A policy with one thing changed. */
export interface Mutant {
  readonly what: string;
  /** Undefined where the policy was taken out. */
  readonly policy: ParsedPolicy | undefined;
  /** Where something was taken out that narrows the policy: a policy that holds where the mutant does and the original does not. */
  readonly adds?: ParsedPolicy;
}

/** Every mutant of a policy: taken out; each clause of its scope and each condition taken out or negated; each part of a condition. */
export function mutantsOf(policy: ParsedPolicy): readonly Mutant[] {
  return [
    { what: 'the policy taken out', policy: undefined },
    {
      what: 'permit and forbid exchanged',
      policy: { ...policy, effect: policy.effect === 'permit' ? 'forbid' : 'permit' },
    },
    ...(['principal', 'action', 'resource'] as const).flatMap((variable) => scopeMutants(policy, variable)),
    ...policy.conditions.flatMap((condition, i) => conditionMutants(policy, condition, i)),
  ];
}

function scopeMutants(policy: ParsedPolicy, variable: keyof Scope): readonly Mutant[] {
  const clause = policy.scope[variable];
  if (clause.kind === 'any') return [];
  const holds = asExpression(variable, clause);
  const widened = { ...policy, scope: { ...policy.scope, [variable]: { kind: 'any', at: 0 } } };
  const unless: Condition = { kind: 'unless', body: holds, at: 0, position: policy.position };
  const others = { ...widened, conditions: [unless, ...policy.conditions] };
  return [
    { what: `${printExpression(holds)} taken out`, policy: widened, adds: others },
    { what: `${printExpression(holds)} negated`, policy: others },
    ...fewerEntities(policy, variable, clause),
  ];
}

/** One entity less in a list: `action in [a, b]`. */
function fewerEntities(policy: ParsedPolicy, variable: keyof Scope, clause: ScopeClause): readonly Mutant[] {
  if (clause.kind !== 'in' || clause.uids.length < 2) return [];
  return clause.uids.map((left) => ({
    what: `${left.type}::"${left.id}" taken out of the scope`,
    policy: {
      ...policy,
      scope: { ...policy.scope, [variable]: { ...clause, uids: clause.uids.filter((uid) => uid !== left) } },
    },
  }));
}

/** The clause of a scope, said in a condition. */
export function asExpression(name: keyof Scope, clause: Exclude<ScopeClause, { kind: 'any' }>): Expression {
  const variable: Expression = { kind: 'variable', name, at: 0 };
  switch (clause.kind) {
    case '==':
      return {
        kind: 'binary',
        operator: '==',
        left: variable,
        right: { kind: 'literal', value: clause.uid, at: 0 },
        at: 0,
      };
    case 'in': {
      const items = clause.uids.map((value): Expression => ({ kind: 'literal', value, at: 0 }));
      return { kind: 'binary', operator: 'in', left: variable, right: { kind: 'set', items, at: 0 }, at: 0 };
    }
    case 'is':
      return { kind: 'is', operand: variable, entityType: clause.entityType, at: 0 };
  }
}

function conditionMutants(policy: ParsedPolicy, condition: Condition, at: number): readonly Mutant[] {
  const replaced = (change: readonly Condition[]): ParsedPolicy => ({
    ...policy,
    conditions: [...policy.conditions.slice(0, at), ...change, ...policy.conditions.slice(at + 1)],
  });
  const kind = condition.kind === 'when' ? 'unless' : 'when';
  return [
    { what: `${condition.kind} { … } taken out`, policy: replaced([]) },
    { what: `${condition.kind} { … } negated`, policy: replaced([{ ...condition, kind }]) },
    ...variantsOf(condition.body).map(({ what, expression }) => ({
      what,
      policy: replaced([{ ...condition, body: expression }]),
    })),
  ];
}

interface Variant {
  readonly what: string;
  readonly expression: Expression;
}

const OTHER_BOUND = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' } as const;

/** The expression with one part changed: an operand of `&&` and `||` dropped or negated, a bound moved by one, an item of a set dropped. */
function variantsOf(expression: Expression): readonly Variant[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands.flatMap((operand, i) => [
        {
          what: `${printExpression(operand)} dropped`,
          expression: joined(expression, without(expression.operands, i)),
        },
        {
          what: `${printExpression(operand)} negated`,
          expression: { ...expression, operands: expression.operands.with(i, { kind: 'not', operand, at: 0 }) },
        },
        ...variantsOf(operand).map(({ what, expression: variant }) => ({
          what,
          expression: { ...expression, operands: expression.operands.with(i, variant) },
        })),
      ]);
    case 'binary': {
      const { operator, left, right } = expression;
      const moved = Object.hasOwn(OTHER_BOUND, operator)
        ? OTHER_BOUND[operator as keyof typeof OTHER_BOUND]
        : undefined;
      return [
        ...(moved === undefined
          ? []
          : [{ what: `${printExpression(expression)} with ${moved}`, expression: { ...expression, operator: moved } }]),
        ...variantsOf(left).map(({ what, expression: l }) => ({ what, expression: { ...expression, left: l } })),
        ...variantsOf(right).map(({ what, expression: r }) => ({ what, expression: { ...expression, right: r } })),
      ];
    }
    case 'set':
      return expression.items.map((item, i) => ({
        what: `${printExpression(item)} taken out of ${printExpression(expression)}`,
        expression: { ...expression, items: without(expression.items, i) },
      }));
    default:
      return [];
  }
}

const without = <T>(items: readonly T[], i: number): readonly T[] => items.filter((_, at) => at !== i);

const joined = (expression: Expression & { kind: 'and' | 'or' }, operands: readonly Expression[]): Expression =>
  operands.length === 1 ? (operands[0] as Expression) : { ...expression, operands };

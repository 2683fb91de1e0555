import fc from 'fast-check';
import type { Expression, ParsedTemplate, ScopeClause, SlotClause } from '../../../src/vm/syntax/ast.ts';
import { likePattern } from '../../../src/vm/values/like.ts';
import { entity, type Value } from '../../../src/vm/values/value.ts';

/** Trees that the parser could have made, drawn by fast-check. */

const at = 0;
const NAMES = ['a', 'b', '_c1', 'principal', 'permit', 'when', 'contains', 'ip', 'not', 'and'];
const name = fc.constantFrom(...NAMES);
const typeName = fc.array(fc.constantFrom('A', 'B_2', 'Action', 'resource', 'unless'), { minLength: 1, maxLength: 3 });
const type = typeName.map((parts) => parts.join('::'));
const text = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'if',
    '__cedar',
    '*',
    '\\',
    '"',
    "'",
    '\n\r\t\0',
    '\u202e',
    '//',
    '}',
    ';',
    '🎉',
    '\u{10ffff}',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const attribute = fc.oneof(name, text);
const long = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n),
  fc.bigInt({ min: -1_000n, max: 1_000n }),
);
const uid = fc.tuple(type, text).map(([of, id]) => entity(of, id));
const value: fc.Arbitrary<Value> = fc.oneof(fc.boolean(), long, text, uid);

const METHODS = ['contains', 'containsAll', 'containsAny', 'hasTag', 'getTag'] as const;
const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', ...METHODS] as const;
const CALLS: readonly (readonly [string, number])[] = [
  ['ip', 1],
  ['decimal', 2],
  ['datetime', 0],
  ['isIpv4', 1],
  ['lessThan', 2],
  ['toDate', 3],
];

export const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie('expression');
  const leaf = fc.oneof(
    value.map((literal): Expression => ({ kind: 'literal', at, value: literal })),
    fc
      .constantFrom('principal' as const, 'action' as const, 'resource' as const, 'context' as const)
      .map((variable): Expression => ({ kind: 'variable', at, name: variable })),
  );
  const chain = (kind: 'and' | 'or') =>
    fc
      .array(inner, { minLength: 2, maxLength: 4 })
      // A chain that begins with such a chain is read as one.
      .filter(([first]) => first?.kind !== kind || (first.kind === 'and' && first.isIn === true))
      .map((operands): Expression => ({ kind, at, operands }));
  const isIn = fc.tuple(inner, type, inner).map(([operand, entityType, right]): Expression => {
    const is: Expression = { kind: 'is', at, operand, entityType };
    return {
      kind: 'and',
      at,
      operands: [is, { kind: 'binary', at, operator: 'in', left: operand, right }],
      isIn: true,
    };
  });
  const call = fc
    .constantFrom(...CALLS)
    .chain(([called, count]) => fc.tuple(fc.constant(called), fc.array(inner, { minLength: count, maxLength: count })));
  const inside: readonly fc.Arbitrary<Expression>[] = [
    fc.tuple(inner, inner, inner).map(([test, whenTrue, whenFalse]) => ({ kind: 'if', at, test, whenTrue, whenFalse })),
    chain('and'),
    chain('or'),
    isIn,
    fc
      .tuple(fc.constantFrom('not' as const, 'negate' as const, 'isEmpty' as const), inner)
      .map(([kind, operand]) => ({ kind, at, operand })),
    fc
      .tuple(fc.constantFrom(...OPERATORS), inner, inner)
      .map(([operator, left, right]) => ({ kind: 'binary', at, operator, left, right })),
    fc.tuple(inner, attribute).map(([operand, only]) => ({ kind: 'has', at, operand, path: [only] })),
    fc
      .tuple(inner, fc.array(name, { minLength: 2, maxLength: 4 }))
      .map(([operand, path]) => ({ kind: 'has', at, operand, path })),
    fc.tuple(inner, attribute).map(([operand, named]) => ({ kind: 'attribute', at, operand, name: named })),
    fc
      .tuple(inner, fc.array(text, { minLength: 1, maxLength: 4 }))
      .map(([operand, parts]) => ({ kind: 'like', at, operand, pattern: likePattern(parts) })),
    fc.tuple(inner, type).map(([operand, entityType]) => ({ kind: 'is', at, operand, entityType })),
    fc.array(inner, { maxLength: 3 }).map((items) => ({ kind: 'set', at, items })),
    fc
      .array(fc.tuple(attribute, inner), { maxLength: 3 })
      .map((fields) => ({ kind: 'record', at, fields: new Map(fields) })),
    call.map(([called, operands]) => ({ kind: 'call', at, name: called, operands })),
  ];
  return { expression: fc.oneof({ maxDepth: 5, depthSize: 'small', withCrossShrink: true }, leaf, ...inside) };
});

const clause: fc.Arbitrary<ScopeClause> = fc.oneof(
  fc.constant<ScopeClause>({ kind: 'any', at }),
  uid.map((of): ScopeClause => ({ kind: '==', at, uid: of })),
  uid.map((of): ScopeClause => ({ kind: 'in', at, uids: [of] })),
  fc
    .tuple(type, fc.option(uid, { nil: undefined }))
    .map(([entityType, within]): ScopeClause => ({ kind: 'is', at, entityType, within })),
);
const slot: fc.Arbitrary<SlotClause> = fc.oneof(
  fc
    .constantFrom('==' as const, 'in' as const)
    .map((operator): SlotClause => ({ kind: 'slot', operator, entityType: undefined, at })),
  type.map((entityType): SlotClause => ({ kind: 'slot', operator: 'in', entityType, at })),
);
const action = fc.tuple(fc.constantFrom('Action', 'A::Action'), text).map(([of, id]) => entity(of, id));
const actionClause: fc.Arbitrary<ScopeClause> = fc.oneof(
  fc.constant<ScopeClause>({ kind: 'any', at }),
  action.map((of): ScopeClause => ({ kind: '==', at, uid: of })),
  fc.array(action, { maxLength: 3 }).map((uids): ScopeClause => ({ kind: 'in', at, uids })),
);
const condition = fc
  .tuple(fc.constantFrom('when' as const, 'unless' as const), expression)
  .map(([kind, body]) => ({ kind, body, at, position: { line: 1, column: 1 } }));

export const template: fc.Arbitrary<ParsedTemplate> = fc.record({
  effect: fc.constantFrom('permit' as const, 'forbid' as const),
  annotations: fc
    .array(fc.tuple(fc.oneof(name, fc.constantFrom('if', '__cedar', 'id')), text), { maxLength: 3 })
    .map((pairs) => new Map(pairs)),
  scope: fc.record({ principal: fc.oneof(clause, slot), action: actionClause, resource: fc.oneof(clause, slot) }),
  conditions: fc.array(condition, { maxLength: 3 }),
  text: fc.constant(''),
  at: fc.constant(0),
  position: fc.constant({ line: 1, column: 1 }),
});

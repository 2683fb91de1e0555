import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VM_CODES, VM_LIMITS } from '../../../src/vm/index.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { editDistance } from '../../../src/vm/syntax/suggest.ts';
import { nearlyCedar } from './mutations.ts';
import { SCOPE, when } from './tree.ts';

const suggestionOf = (text: string): string | undefined => readPolicies(text).problems[0]?.suggestion;
const placesOf = (text: string): readonly string[] =>
  readPolicies(text).problems.map(({ code, line, column }) => `${line}:${column} ${code}`);

describe('problems', () => {
  it('are all reported: of every policy, and of every part of one', () => {
    const text = `@title(1) permit(principle, action == User::"a", resource = "x") when { now() } unless { a && 1 == 2 == 3 };
${SCOPE} when { true }
${SCOPE} when { context.a = 1 and context.b.foo() };
allow(principal, action, resource);
${SCOPE};
`;
    expect(placesOf(text)).toEqual([
      '1:8 vm-parse.unexpected-token',
      '1:18 vm-parse.unexpected-token',
      '1:73 vm-parse.unknown-function',
      '1:90 vm-parse.unknown-name',
      '1:102 vm-parse.chained-relation',
      '3:1 vm-parse.unexpected-token',
      '3:54 vm-parse.unexpected-token',
      '3:58 vm-parse.unexpected-token',
      '3:72 vm-parse.unknown-method',
      '4:1 vm-parse.unexpected-token',
    ]);
    expect(readPolicies(text).policies).toHaveLength(1);
  });

  it('leave the policies without one as they are, and only those', () => {
    fc.assert(
      fc.property(nearlyCedar, (text) => {
        const alone = readPolicies(text);
        const between = readPolicies(`${SCOPE};\n${text}\n;${SCOPE};`);
        for (const { code, line, column, at } of between.problems) {
          expect(VM_CODES).toHaveProperty([code]);
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(at).toBeLessThanOrEqual(text.length + 2 * SCOPE.length + 4);
        }
        expect(between.policies[0]?.text).toBe(`${SCOPE};`);
        expect(between.policies.at(-1)?.text).toBe(`${SCOPE};`);
        expect(between.policies.length + between.templates.length).toBeGreaterThanOrEqual(
          alone.policies.length + alone.templates.length,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('are told in order of place, and not more of them than the limit', () => {
    const { problems } = readPolicies(`${when('a || b')}\n`.repeat(200));
    expect(problems).toHaveLength(VM_LIMITS.problemsMax);
    expect(problems).toEqual([...problems].sort((a, b) => a.line - b.line || a.column - b.column));
  });

  it('of a text that is too large or no Unicode are one', () => {
    expect(placesOf(' '.repeat(VM_LIMITS.policyTextBytesMax + 1))).toEqual(['1:1 vm-parse.too-large']);
    expect(placesOf(`${SCOPE};\n \ud800`)).toEqual(['2:2 vm-lex.not-unicode']);
  });
});

describe('suggestions', () => {
  it.each([
    ['permit(principle, action, resource);', 'did you mean `principal`?'],
    ['permit(principal, acton, resource);', 'did you mean `action`?'],
    ['Permit(principal, action, resource);', 'did you mean `permit`?'],
    ['fobrid(principal, action, resource);', 'did you mean `forbid`?'],
    ['deny(principal, action, resource);', 'did you mean `forbid`?'],
    [`${SCOPE} wehn { true };`, 'did you mean `when`?'],
    [`${SCOPE} where { true };`, 'did you mean `when`?'],
    [SCOPE, 'a policy ends with `;`'],
    [`${SCOPE} ${SCOPE};`, 'a policy ends with `;`'],
    [`${SCOPE} when { true;`, '`}` is missing here'],
    [`${SCOPE} when true;`, '`{` is missing here'],
    ['permit(principal == "a", action, resource);', 'name the type of the entity too: `Type::"a"`'],
    ['permit(principal: User, action, resource);', 'write `is` to test a type'],
    ['permit(principal == ?principle, action, resource);', 'did you mean `?principal`?'],
    ['permit(principal, action == Acton::"read", resource);', 'did you mean `Action::"read"`?'],
    ['permit(principal, action == [Action::"read"], resource);', 'write `in` before a list'],
    [when('context.a = 1'), 'write `==` to compare'],
    [when('context.a === 1'), 'write `==` to compare'],
    [when('true and true'), 'write `&&`'],
    [when('true OR true'), 'write `||`'],
    [when('not true'), 'write `!`'],
    [when('true & true'), 'write `&&`'],
    [when('1 ≤ 2'), 'write `<=`'],
    [when("context.a == 'b'"), 'texts stand in straight double quotes: `"`'],
    [when('context.a == “b”'), 'texts stand in straight double quotes: `"`'],
    [when('pincipal == principal'), 'did you mean `principal`?'],
    [when('context.a == True'), 'did you mean `true`?'],
    [when('context.a == active'), 'a text stands in quotes: `"active"`'],
    [when('context.a.isIPV4()'), 'did you mean `isIpv4`?'],
    [when('isIpv4(context.a)'), 'it is a method: `….isIpv4(…)`'],
    [when('context.a.ip()'), 'it is a function: `ip(…)`'],
    [when('decimel("1.0") == context.a'), 'did you mean `decimal`?'],
    [when('[1].contains()'), '`contains` takes one argument'],
    [when('[1] contains 1'), 'a method is called with a dot: `….contains(…)`'],
    [when('context.if'), 'write `["if"]`'],
    [when('context has if'), 'write `"if"`'],
    [when('context has (a)'), '`has` takes a name, a path or a string: `has a.b`, `has "a b"`'],
    [when('context.a like b'), '`like` takes a pattern: `like "a*"`'],
    [when('context.a < 1.5'), 'a number with a fraction is `decimal("1.5")`'],
    [when('1 < 2 < 3'), 'write parentheses, or two relations with `&&` between'],
    [`# why\n${SCOPE};`, 'a comment begins with `//`'],
    [`/* why */ ${SCOPE};`, 'a comment begins with `//`'],
  ])('%s: %s', (text, suggestion) => {
    expect(suggestionOf(text)).toBe(suggestion);
  });

  it('are not made of names that are far away, however long', () => {
    expect(suggestionOf(when('banana()'))).toBeUndefined();
    expect(suggestionOf(when(`${'principal'.repeat(6_000)}()`))).toBeUndefined();
  });

  it('count what to insert, remove, replace or swap', () => {
    expect(editDistance('principle', 'principal')).toBe(2);
    expect(editDistance('wehn', 'when')).toBe(1);
    expect(editDistance('', 'when')).toBe(4);
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

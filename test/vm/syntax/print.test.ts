import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { formatPolicies } from '../../../src/vm/syntax/format.ts';
import { printExpression, printPolicy, printValue } from '../../../src/vm/syntax/print-policy.ts';
import type { Value } from '../../../src/vm/values/value.ts';
import { judged } from '../support.ts';
import { officialJson, plain } from './official.ts';
import { meaningOf, onlyOf, when } from './tree.ts';
import { template } from './trees.ts';

const printed = (expression: string): string => {
  const [condition] = onlyOf(when(expression)).conditions;
  if (condition === undefined) throw new Error('no condition');
  return printExpression(condition.body);
};

describe('printing', () => {
  it('gives a text that is read as the same tree, and printed as the same text', () => {
    fc.assert(
      fc.property(template, (tree) => {
        const text = printPolicy(tree);
        const again = onlyOf(text);
        expect(meaningOf(again)).toEqual(meaningOf(tree));
        expect(printPolicy(again)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('gives a text that the official parser reads as the tree we printed', () => {
    fc.assert(
      fc.property(template, (tree) => {
        expect(officialJson(printPolicy(tree))).toEqual(plain(policyToJson(tree)));
      }),
      { numRuns: 200 },
    );
  });

  it('gives a text that formatting leaves alone', () => {
    fc.assert(
      fc.property(template, (tree) => {
        const text = `${printPolicy(tree)}\n`;
        expect(formatPolicies(text)).toEqual({ ok: true, text });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['((1)) + ((2 * 3)) == (7)', '1 + 2 * 3 == 7'],
    ['(1 + 2) * 3 - (4 - 5) == 1', '(1 + 2) * 3 - (4 - 5) == 1'],
    ['(true && false) && (true && true)', 'true && false && (true && true)'],
    ['(true || false) && true || false', '(true || false) && true || false'],
    ['-(-(1)) == - -1', '--(1) == --1'],
    ['!(!(!(!(!(true)))))', '!!!!(!true)'],
    ['(-1).a == (-(1)).a', '(-1).a == (-(1)).a'],
    ['(1 == 2) == (3 == 4)', '(1 == 2) == (3 == 4)'],
    ['(if true then 1 else 2) == 1', '(if true then 1 else 2) == 1'],
    ['(principal is A in (resource))', 'principal is A in resource'],
    ['(principal is A) in resource', '(principal is A) in resource'],
    ['context["a"]["if"].b["c d"]', 'context.a["if"].b["c d"]'],
    ['context has "a" && context has "if"', 'context has a && context has "if"'],
    ['{"a": 1, "b c": [1, (2)],} == {}', '{ a: 1, "b c": [1, 2] } == {}'],
    ['("a\\u{2a}" like "a\\*\\x2a")', '"a*" like "a\\**"'],
    ['"\\u{202e}\\u{e9}\\0" == ""', '"\\u{202e}é\\0" == ""'],
  ])('writes %s with no more parentheses and quotes than it needs', (written, canonical) => {
    expect(printed(written)).toBe(canonical);
  });

  it('breaks what does not fit on a line, and nothing else', () => {
    const long = (letter: string): string => `context.${letter.repeat(30)}`;
    const text = `permit(principal,action in[Action::"a",Action::"b"],resource)when{true}unless{
      ${long('a')}==1&&(${long('b')}||${long('c')}||${long('d')})&&if ${long('e')} then 1 else 2};`.replace(
      '&&if',
      '==if',
    );
    expect(formatPolicies(text.replace(/==if.*;/, '};'))).toEqual({
      ok: true,
      text: `permit (principal, action in [Action::"a", Action::"b"], resource)
when { true }
unless {
  ${long('a')} == 1 &&
  (
    ${long('b')} ||
    ${long('c')} ||
    ${long('d')}
  )
};
`,
    });
  });
});

describe('values', () => {
  const NUMBERS = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -20_000n, max: 20_000n }),
    fc.bigInt({ min: -(10n ** 14n), max: 3n * 10n ** 14n }),
  );
  const extension: fc.Arbitrary<Value> = fc.oneof(
    fc
      .tuple(fc.constantFrom('decimal' as const, 'duration' as const, 'datetime' as const), NUMBERS)
      .map(([kind, units]) => ({ kind, units })),
    fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), fc.integer({ min: 0, max: 32 }))
      .map(([address, prefix]) => ({ kind: 'ip' as const, version: 4 as const, address, prefix })),
    fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.integer({ min: 0, max: 128 }))
      .map(([address, prefix]) => ({ kind: 'ip' as const, version: 6 as const, address, prefix })),
  );

  it('are printed as expressions that come to them', () => {
    fc.assert(
      fc.property(extension, (value) => {
        expect(
          judged(`${printValue(value)} == context.v`, { context: { kind: 'record', fields: new Map([['v', value]]) } }),
        ).toBe('true');
      }),
      { numRuns: 200 },
    );
  });

  it('are written as people write them', () => {
    expect(printValue({ kind: 'decimal', units: -5n })).toBe('decimal("-0.0005")');
    expect(printValue({ kind: 'decimal', units: 120_000n })).toBe('decimal("12.0")');
    expect(printValue({ kind: 'duration', units: -90_061_001n })).toBe('duration("-1d1h1m1s1ms")');
    expect(printValue({ kind: 'datetime', units: 1_709_210_096_007n })).toBe('datetime("2024-02-29T12:34:56.007Z")');
    expect(printValue({ kind: 'datetime', units: -86_400_000n })).toBe('datetime("1969-12-31")');
    expect(printValue({ kind: 'ip', version: 4, address: 0x0a000000n, prefix: 8 })).toBe('ip("10.0.0.0/8")');
  });
});

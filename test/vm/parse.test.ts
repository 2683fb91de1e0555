import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePolicySets, parsePolicies, VM_CODES, VM_LIMITS } from '../../src/vm/index.ts';
import { accepted, codeOf, judged } from './support.ts';

const SCOPE = 'permit(principal, action, resource)';
const when = (expression: string): string => `${SCOPE} when { ${expression} };`;
const nested = (depth: number): string => when(`${'('.repeat(depth)}true${')'.repeat(depth)}`);

/** A text for every refusal that reading policies can give. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['vm-lex.unexpected-character', `${SCOPE} when { 1 & 1 };`],
  ['vm-lex.unterminated-string', when('context.a == "b')],
  ['vm-lex.not-unicode', when('context.a == "\ud800"')],
  ['vm-parse.too-large', `// ${'é'.repeat(VM_LIMITS.policyTextBytesMax / 2)}`],
  ['vm-parse.too-deep', nested(VM_LIMITS.expressionDepthMax)],
  ['vm-parse.too-many-policies', `${SCOPE};`.repeat(VM_LIMITS.policiesMax + 1)],
  ['vm-parse.unexpected-token', `${SCOPE}`],
  ['vm-parse.unexpected-token', 'allow(principal, action, resource);'],
  ['vm-parse.unexpected-token', 'permit(principal, resource, action);'],
  ['vm-parse.unexpected-token', `${SCOPE} when {};`],
  ['vm-parse.unexpected-token', 'permit(principal in [User::"a"], action, resource);'],
  ['vm-parse.unexpected-token', when('context[context.name]')],
  ['vm-parse.bad-escape', when('"\\q" == ""')],
  ['vm-parse.bad-escape', when('"\\x80" == ""')],
  ['vm-parse.bad-escape', when('"\\u{d800}" == ""')],
  ['vm-parse.bad-escape', when('"\\*" == ""')],
  ['vm-parse.bad-escape', when('"a\rb" == ""')],
  ['vm-parse.number-out-of-range', when('9223372036854775808 > 0')],
  ['vm-parse.number-out-of-range', when('-(9223372036854775808) < 0')],
  ['vm-parse.reserved-word', when('context.if')],
  ['vm-parse.reserved-word', when('__cedar::A::"x" == principal')],
  ['vm-parse.template', 'permit(principal == ?principal, action, resource);'],
  ['vm-parse.misplaced-slot', when('resource in ?resource')],
  ['vm-parse.misplaced-slot', 'permit(principal, action, resource == ?principal);'],
  ['vm-parse.misplaced-slot', 'permit(principal in ?someone, action, resource);'],
  ['vm-parse.misplaced-slot', 'permit(principal, action == ?action, resource);'],
  ['vm-parse.unsupported-operator', when('4 / 2 == 2')],
  ['vm-parse.unsupported-operator', when('4 % 2 == 0')],
  ['vm-parse.chained-relation', when('1 < 2 < 3')],
  ['vm-parse.too-many-signs', when('!!!!!true')],
  ['vm-parse.unknown-name', when('user == principal')],
  ['vm-parse.unknown-function', when('now() > 0')],
  ['vm-parse.unknown-function', when('isIpv4(context.ip)')],
  ['vm-parse.unknown-method', when('context.ip.ip()')],
  ['vm-parse.wrong-arguments', when('[1].contains(1, 2)')],
  ['vm-parse.duplicate-annotation', `@a("x") @a("y") ${SCOPE};`],
  ['vm-parse.duplicate-key', when('{a: 1, "a": 2} == {}')],
  ['vm-parse.not-an-action', 'permit(principal, action == User::"read", resource);'],
  ['vm-policy.duplicate-id', `@id("a") ${SCOPE}; @id("a") ${SCOPE};`],
  ['vm-policy.duplicate-id', `@id("policy1") ${SCOPE}; ${SCOPE};`],
];

describe('refusals', () => {
  it.each(REFUSED)('%s: %.60s', (code, text) => {
    expect(codeOf(parsePolicies(text))).toBe(code);
  });

  it('has a text here for every code of lexer, parser and policy set', () => {
    const codes = Object.keys(VM_CODES).filter((code) => /^vm-(lex|parse|policy)\./.test(code));
    expect([...new Set(REFUSED.map(([code]) => code))].sort()).toEqual(codes.sort());
  });

  it('names line and column of the first failure', () => {
    const result = parsePolicies(`${SCOPE};\n\n  ${SCOPE}\n  when { context.a == 5x };`);
    expect(result).toEqual({
      ok: false,
      rejection: { code: 'vm-parse.unexpected-token', detail: { line: 4, column: 24 } },
    });
  });

  it('accepts nesting up to the limit and not beyond, however it is written', () => {
    const max = VM_LIMITS.expressionDepthMax;
    expect(codeOf(parsePolicies(nested(max - 1)))).toBe('accepted');
    expect(codeOf(parsePolicies(nested(20_000)))).toBe('vm-parse.too-deep');
    expect(codeOf(parsePolicies(when(`context${'.a'.repeat(max - 1)}`)))).toBe('accepted');
    expect(codeOf(parsePolicies(when(`context${'.a'.repeat(max)}`)))).toBe('vm-parse.too-deep');
    expect(codeOf(parsePolicies(when(`1${' + 1'.repeat(10_000)} == 1`)))).toBe('vm-parse.too-deep');
    expect(codeOf(parsePolicies(when('['.repeat(10_000))))).toBe('vm-parse.too-deep');
  });

  it('takes long chains of && and ||, which are wide and not deep', () => {
    expect(judged(`true${' && true'.repeat(5_000)}`)).toBe('true');
    expect(judged(`false${' || false'.repeat(5_000)}`)).toBe('false');
  });

  it('never throws, whatever the tokens', () => {
    const pieces =
      'permit forbid ( ) [ ] { } , ; : :: . == != < <= > >= && || ! - + * / % = in has like is if then else when unless ' +
      'principal action resource context true false 1 99999999999999999999 "a" "\\" @ ? ?principal User::"a" ip decimal // \n';
    const token = fc.constantFrom(...pieces.split(' '));
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), fc.boolean(), (tokens, inside) => {
        const text = tokens.join(' ');
        const result = parsePolicies(inside ? when(text) : text);
        if (!result.ok) expect(VM_CODES).toHaveProperty([result.rejection.code]);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parsePolicies(text).ok === 'boolean'));
  });
});

describe('policies', () => {
  it('have the id of their annotation, else their number in the file', () => {
    const set = accepted(parsePolicies(`${SCOPE}; @id("by hand") ${SCOPE}; ${SCOPE};`));
    expect(set.policies.map(({ id }) => id)).toEqual(['policy0', 'by hand', 'policy2']);
  });

  it('keep effect, annotations, text and position', () => {
    const text = '@title("No \\"robots\\"")\n@draft forbid(principal, action, resource);';
    const [policy] = accepted(parsePolicies(`// first\n ${text} // last`)).policies;
    expect(policy).toEqual({
      id: 'policy0',
      effect: 'forbid',
      annotations: new Map([
        ['title', 'No "robots"'],
        ['draft', ''],
      ]),
      text,
      position: { line: 2, column: 2 },
    });
  });

  it('may carry trailing commas, comments and any white space', () => {
    const text =
      'permit(principal,action in [Action::"read",],resource,)//x\r\u00a0when\u2028{ [1,] == [1] && {a: 1,}.a == 1 };';
    expect(codeOf(parsePolicies(text))).toBe('accepted');
    expect(codeOf(parsePolicies(''))).toBe('accepted');
  });

  it('merge into one set, unless an id occurs twice', () => {
    const [a, b] = ['a', 'b'].map((id) => accepted(parsePolicies(`@id("${id}") ${SCOPE};`)));
    if (a === undefined || b === undefined) throw new Error('two sets');
    expect(accepted(mergePolicySets([a, b])).policies.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(codeOf(mergePolicySets([a, b, a]))).toBe('vm-policy.duplicate-id');
    expect(accepted(mergePolicySets([])).policies).toEqual([]);
  });
});

describe('literals', () => {
  it('reads every escape', () => {
    expect(judged(`"\\n\\r\\t\\0\\\\\\'\\"\\x41\\u{1F600}\\u{6_1}" == context.text`)).toBe('vm-eval.missing-attribute');
    expect(judged(`"\\x41\\u{42}\\u{4_3}" == "ABC"`)).toBe('true');
    expect(judged(`"\\u{1F600}" == "😀" && "\\'" == "'" && "\\0" == "\\u{0}"`)).toBe('true');
  });

  it('gives the last minus to the literal, so that −2⁶³ can be written', () => {
    expect(judged('-9223372036854775808 < -9223372036854775807')).toBe('true');
    expect(judged('--9223372036854775808 == 0')).toBe('vm-eval.overflow');
    expect(judged('--007 == 7')).toBe('true');
  });

  it('binds * before +, + before relations, relations before &&, && before ||', () => {
    expect(judged('1 + 2 * 3 - 1 == 6 || 1 && false')).toBe('true');
    expect(judged('false && false || true')).toBe('true');
    expect(judged('1 - 2 - 3 == -4')).toBe('true');
  });
});

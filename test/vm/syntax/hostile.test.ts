import { describe, expect, it } from 'vitest';
import { VM_LIMITS } from '../../../src/vm/index.ts';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { formatPolicies } from '../../../src/vm/syntax/format.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { SCOPE, when } from './tree.ts';

const MAX = VM_LIMITS.policyTextBytesMax;
/** Most that one text may take of the processor. Doubling work per token would take hours; work that grows with the square, minutes. */
const CPU_MS_MAX = 3_000;

/** As many as fit into a text, of `opening`s, and of `closing`s after `inner`. */
function filled(opening: string, inner = '', closing = ''): string {
  const count = Math.floor((MAX - 200 - inner.length) / (opening.length + closing.length));
  return `${opening.repeat(count)}${inner}${closing.repeat(count)}`;
}

const TEXTS: readonly (readonly [string, string])[] = [
  ['parentheses', when(filled('(', 'true', ')'))],
  ['parentheses in a scope', `permit(principal == ${filled('(', 'A::"b"', ')')}, action, resource);`],
  ['brackets', when(filled('[', '', ']'))],
  ['braces', when(filled('{a:', '1', '}'))],
  ['brackets left open', when(filled('['))],
  ['calls', when(filled('ip(', '', ')'))],
  ['exclamation marks', when(filled('!', 'true'))],
  ['minus signs', when(filled('-', '1'))],
  ['nots', when(filled('not ', 'true'))],
  ['ifs', when(filled('if true then 1 else ', '2'))],
  ['ifs in tests', when(filled('if ', 'true', ' then true else true'))],
  ['conjunctions', when(filled('1&&', '1'))],
  ['disjunctions', when(filled('1||', '1'))],
  ['sums', when(filled('1+', '1'))],
  ['products', when(filled('1*', '1'))],
  ['relations', when(filled('1<', '1'))],
  ['members', when(`context${filled('.a')}`)],
  ['paths', when(`context has a${filled('.a')}`)],
  ['items', when(`[${filled('1,')}]`)],
  ['fields of one name', when(`{${filled('a:1,')}}`)],
  ['a long text', when(`"${filled('a')}" like "${'*'.repeat(10)}"`)],
  ['a long pattern', when(`"" like "${filled('a*')}"`)],
  ['quotes without an end', filled('"\\\n')],
  ['escaped quotes', when(`"${filled('\\"')}`)],
  ['comments without an end', filled('/*')],
  ['comments', `${filled('//\n')}${SCOPE};`],
  ['a long name', when(filled('a'))],
  ['a long number', when(filled('9'))],
  ['annotations', filled('@a')],
  ['conditions', `${SCOPE}${filled('when{1}')};`],
  ['policies', filled('permit(principal,action,resource);')],
  ['semicolons', filled(';')],
  ['beginnings', filled('permit(')],
  ['landmarks', filled('when{;@')],
  ['unknown functions', when(filled('a()+', '1'))],
  ['lines', `${filled('\n')}a`],
];

describe('hostile texts', () => {
  it.each(TEXTS)('of %s are read, printed and formatted in bounded time', (_name, text) => {
    const before = process.cpuUsage();
    const { policies, templates, problems } = readPolicies(text);
    for (const policy of [...policies, ...templates]) {
      expect(readPolicies(printPolicy(policy)).problems.filter(({ code }) => code !== 'vm-parse.too-large')).toEqual(
        [],
      );
      policyToJson(policy);
    }
    expect(formatPolicies(text).ok).toBe(problems.length === 0);
    expect(problems.length).toBeLessThanOrEqual(VM_LIMITS.problemsMax);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(CPU_MS_MAX);
  });

  it('are refused where they are deep, and read where they are only wide', () => {
    const codes = new Map(TEXTS.map(([name, text]) => [name, readPolicies(text).problems[0]?.code ?? 'accepted']));
    for (const deep of [
      'parentheses',
      'parentheses in a scope',
      'brackets',
      'braces',
      'ifs',
      'sums',
      'members',
      'paths',
    ])
      expect(codes.get(deep), deep).toBe('vm-parse.too-deep');
    for (const wide of [
      'conjunctions',
      'disjunctions',
      'items',
      'a long text',
      'a long pattern',
      'conditions',
      'comments',
    ])
      expect(codes.get(wide), wide).toBe('accepted');
  });

  it('of a chain of conjunctions take time that grows with their length, not its square', () => {
    const timeOf = (operands: number): number => {
      const text = when(`${'1&&'.repeat(operands)}1`);
      const before = process.cpuUsage();
      for (let i = 0; i < 2; i++) formatPolicies(text);
      return process.cpuUsage(before).user;
    };
    timeOf(1_000);
    expect(timeOf(20_000) / timeOf(2_000)).toBeLessThan(40);
  });
});

import { describe, expect, it } from 'vitest';
import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { type Validation, validatePolicies } from '../../../src/vm/validate/validate.ts';
import { accepted } from '../support.ts';

type Mode = 'strict' | 'permissive';

function review(schema: string, policy: string, mode: Mode): { validation: Validation; cpuMs: number } {
  const parsed = accepted(parseSchema(schema));
  const { policies, problems } = readPolicies(policy);
  expect(problems).toEqual([]);
  const { user } = process.cpuUsage();
  const [validation] = validatePolicies(parsed, policies, mode);
  return { validation: validation as Validation, cpuMs: (process.cpuUsage().user - user) / 1_000 };
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const permit = (condition: string): string => `permit(principal, action, resource) when { ${condition} };`;
const ONE = 'entity U { a: Bool, o?: Bool }; action x appliesTo { principal: U, resource: U };';
const TYPES = many(60, (index) => `E${index}`);
const MANY = `
  entity ${TYPES.join(', ')} { b: Bool };
  action ${many(20, (index) => `"${index}"`).join(', ')} appliesTo { principal: [${TYPES.join(', ')}], resource: [${TYPES.join(', ')}] };`;

/** `e is U in f` means `e is U && e in f`: nested through `if`, each level doubles what the official engine has to check. */
function doubling(levels: number): string {
  let entity = 'principal';
  for (let level = 0; level < levels; level++) entity = `(if ${entity} is U in principal then principal else resource)`;
  return permit(`${entity} == principal`);
}

/** Record types that are equal and not the same: comparing them takes as many steps as they have parts. */
const WIDE = `
  type A = { ${many(2_000, (index) => `a${index}: Long`).join(', ')} };
  entity U { a: A, b: { ${many(2_000, (index) => `a${index}: Long`).join(', ')} } };
  action x appliesTo { principal: U, resource: U };`;

/** What was asked for is known further out too, and each level takes it up: parts times levels, for each kind of request. */
function carriedUp(levels: number): string {
  const asked = many(500, () => 'principal has b').join(' && ');
  return permit(`${'true && ('.repeat(levels)}${asked}${')'.repeat(levels)}`);
}

/** Kinds of request, without many types. */
const KINDS = `
  entity ${TYPES.slice(0, 20).join(', ')} { b?: Bool };
  action x appliesTo { principal: [${TYPES.slice(0, 20).join(', ')}], resource: [${TYPES.slice(0, 20).join(', ')}] };`;

const CPU_MS_MAX = 2_000;

describe('the cost of checking', () => {
  it.each<[string, string, string, Mode]>([
    ['nested tests that share their subject', ONE, doubling(20), 'strict'],
    ['kinds of request times expressions', MANY, permit(many(200, () => 'principal.b').join(' && ')), 'strict'],
    ['what was asked for, times the levels it is known at', KINDS, carriedUp(50), 'strict'],
    [
      'sets of wide records',
      WIDE,
      permit(`[${many(3_000, (i) => (i % 2 ? 'principal.a' : 'principal.b')).join(', ')}].isEmpty()`),
      'strict',
    ],
    [
      'sets of entities of ever more types',
      MANY,
      permit(`[${many(2_000, (i) => `E${i % 60}::""`).join(', ')}].isEmpty()`),
      'permissive',
    ],
  ])('is bounded: %s', (_, schema, policy, mode) => {
    const { validation, cpuMs } = review(schema, policy, mode);
    expect(validation.errors.map(({ code }) => code)).toEqual(['vm-validate.too-costly']);
    expect(cpuMs).toBeLessThan(CPU_MS_MAX);
  });

  it.each<[string, string, string]>([
    ['a chain as long as a text can hold', ONE, permit(many(3_000, () => 'principal.a').join(' && '))],
    [
      'a chain of what it has asked for',
      ONE,
      permit(many(1_000, () => '(principal has o && principal.o)').join(' || ')),
    ],
    [
      '72,000 kinds of request and a scope that names one',
      MANY,
      'permit(principal == E1::"a", action == Action::"1", resource) when { principal.b };',
    ],
  ])('is far from the limit for %s', (_, schema, policy) => {
    const { validation, cpuMs } = review(schema, policy, 'strict');
    expect(validation.errors).toEqual([]);
    expect(cpuMs).toBeLessThan(CPU_MS_MAX / 2);
  });

  it('does not grow with the square of what a chain has asked for', () => {
    const cpuMsOf = (count: number): number => {
      const asked = many(count, (index) => `principal has "${index}"`).join(' && ');
      const schema = `entity U { ${many(2_000, (index) => `"${index}"?: Bool`).join(', ')} }; action x appliesTo { principal: U, resource: U };`;
      return Math.min(...many(3, () => review(schema, permit(asked), 'strict').cpuMs));
    };
    expect(cpuMsOf(2_000)).toBeLessThan(20 * cpuMsOf(250) + 20);
  });

  it('tells a bounded number of problems', () => {
    const { validation } = review(ONE, permit(many(500, () => 'principal.z').join(' && ')), 'strict');
    expect(validation.errors).toHaveLength(50);
  });
});

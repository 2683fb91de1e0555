import { describe, expect, it } from 'vitest';
import { VM_LIMITS } from '../../../src/vm/index.ts';
import { parseSchema, readSchema } from '../../../src/vm/schema/read-schema.ts';
import { keyOfUid } from '../../../src/vm/schema/schema.ts';
import { codeOf } from '../support.ts';
import { isAcceptedByUs, schemaOf } from './support.ts';

const codesOf = (text: string): readonly string[] => readSchema(text).problems.map(({ code }) => code);
const times = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('problems of a schema', () => {
  it('are told together, each with its line and column', () => {
    const text = ['entity A { x: ; y: Long };', 'entity B in A;', 'action do appliesTo {};', 'type T = Set<Long;'].join(
      '\n',
    );
    expect(readSchema(text).problems).toEqual([
      { code: 'vm-parse.unexpected-token', line: 1, column: 15, name: ';' },
      { code: 'vm-parse.unexpected-token', line: 3, column: 22, name: '}' },
      { code: 'vm-parse.unexpected-token', line: 4, column: 18, name: ';' },
    ]);
  });

  it('are told together where names mean nothing, with what was probably meant', () => {
    const text = [
      'entity Patient { name: Sting, born: Datetime };',
      'namespace Clinic {',
      '  entity Doctor in Pateint;',
      '  entity Chart { of: Docter, kept: Elsewhere };',
      '  action read in write appliesTo { principal: Doctor, resource: Chrat };',
      '}',
    ].join('\n');
    expect(readSchema(text).problems).toEqual([
      { code: 'vm-schema.unknown-type', line: 1, column: 24, name: 'Sting', suggestion: 'String' },
      { code: 'vm-schema.unknown-type', line: 1, column: 37, name: 'Datetime', suggestion: 'datetime' },
      { code: 'vm-schema.unknown-type', line: 3, column: 20, name: 'Pateint', suggestion: 'Patient' },
      { code: 'vm-schema.unknown-type', line: 4, column: 22, name: 'Docter', suggestion: 'Doctor' },
      { code: 'vm-schema.unknown-type', line: 4, column: 36, name: 'Elsewhere' },
      { code: 'vm-schema.unknown-action', line: 5, column: 18, name: 'write' },
      { code: 'vm-schema.unknown-type', line: 5, column: 65, name: 'Chrat', suggestion: 'Chart' },
    ]);
  });

  it('suggest the full name of a type of another namespace', () => {
    const { problems } = readSchema('namespace N { entity Chart; } entity A in Chart;');
    expect(problems[0]?.suggestion).toBe('N::Chart');
  });

  it('are the first one, with its place, where only one is asked for', () => {
    expect(parseSchema('entity A;\nentity A;\nentity if;')).toEqual({
      ok: false,
      rejection: { code: 'vm-parse.reserved-word', detail: { line: 3, column: 8, name: 'if' } },
    });
  });

  it.each([
    ['vm-schema.duplicate-declaration', 'entity A; entity A;'],
    ['vm-schema.duplicate-declaration', 'namespace A {} namespace A {}'],
    ['vm-schema.duplicate-clause', 'entity A; action a appliesTo { principal: A, resource: A, resource: A };'],
    ['vm-schema.applies-to-nothing', 'entity A; action a appliesTo { principal: [], resource: A };'],
    ['vm-schema.reserved-name', 'type Set = Long;'],
    ['vm-schema.shadows', 'entity A; namespace N { entity A; }'],
    ['vm-schema.unknown-action', 'action a in b;'],
    ['vm-schema.type-cycle', 'type T = { next?: T };'],
    ['vm-schema.action-cycle', 'action a in b; action b in a;'],
    ['vm-schema.not-a-record', 'entity A; action a appliesTo { principal: A, resource: A, context: String };'],
    ['vm-parse.duplicate-annotation', '@a @a entity A;'],
    ['vm-parse.bad-escape', 'action "\\q";'],
    ['vm-lex.unexpected-character', 'entity A; #'],
    ['vm-lex.unterminated-string', 'entity A; "a;'],
    ['vm-lex.not-unicode', 'action "\ud800";'],
  ])('include %s', (code, text) => {
    expect(codesOf(text)).toEqual([code]);
  });

  it('name a type that is on the circle, not one that leads to it', () => {
    expect(readSchema('type Start = A; type A = { b: B }; type B = Set<A>;').problems).toEqual([
      { code: 'vm-schema.type-cycle', line: 1, column: 22, name: 'A' },
    ]);
  });

  it(`are at most ${VM_LIMITS.schemaProblemsMax}`, () => {
    expect(codesOf(times(100, (i) => `entity A${i} in Nosuch;`))).toHaveLength(VM_LIMITS.schemaProblemsMax);
  });
});

describe('a schema that was read', () => {
  it('knows every ancestor of a type and of an action', () => {
    const { entityTypes, actions } = schemaOf(
      'entity A; entity B in A; entity C in B; entity F in [F, A]; action a; action b in a; action c in b;',
    );
    expect([...(entityTypes.get('C')?.ancestors ?? [])].sort()).toEqual(['A', 'B']);
    expect([...(entityTypes.get('C')?.parents ?? [])]).toEqual(['B']);
    expect([...(entityTypes.get('F')?.ancestors ?? [])].sort()).toEqual(['A', 'F']);
    const leaf = actions.get(keyOfUid({ kind: 'entity', type: 'Action', id: 'c' }));
    expect([...(leaf?.ancestors ?? [])].map((key) => key.split('\0')[1]).sort()).toEqual(['a', 'b']);
    expect(leaf?.appliesTo).toBeUndefined();
  });

  it('may go through a thousand common types, one in terms of the next', () => {
    const chain = times(1_000, (i) => `type T${i} = T${i + 1};`);
    expect(isAcceptedByUs(`${chain} type T1000 = Long; entity A { x: T0 };`)).toBe(true);
  });
});

describe('a hostile schema', () => {
  const { schemaTypeDepthMax, schemaTextBytesMax, schemaDeclarationsMax } = VM_LIMITS;
  const sets = (depth: number): string => `type T = ${'Set<'.repeat(depth)}Long${'>'.repeat(depth)};`;

  it('is refused where a type nests too deep, as written or through names', () => {
    expect(codesOf(sets(schemaTypeDepthMax - 1))).toEqual([]);
    expect(codesOf(sets(schemaTypeDepthMax))).toEqual(['vm-schema.too-deep']);
    expect(codesOf(sets(20_000))).toEqual(['vm-schema.too-deep']);
    const chain = (count: number): string => `type T0 = Long; ${times(count, (i) => `type T${i + 1} = Set<T${i}>;`)}`;
    expect(codesOf(chain(schemaTypeDepthMax))).toEqual([]);
    expect(codesOf(chain(schemaTypeDepthMax + 1))).toEqual(['vm-schema.too-deep']);
  });

  it('is refused where few words mean a huge type', () => {
    const doubling = times(30, (i) => `type T${i + 1} = { a: T${i}, b: T${i} };`);
    expect(codesOf(`type T0 = Long; ${doubling} entity A { x: T30 };`)).toEqual(['vm-schema.too-complex']);
  });

  it('is refused where few words mean very many kinds of request', () => {
    const names = Array.from({ length: 600 }, (_, i) => `E${i}`);
    const list = names.join(', ');
    const text = `entity ${list}; action a appliesTo { principal: [${list}], resource: [${list}] };`;
    expect(codesOf(text)).toEqual(['vm-schema.too-complex']);
  });

  it('is refused where it declares too much, or is too long', () => {
    const many = (count: number): string => `entity ${Array.from({ length: count }, (_, i) => `E${i}`).join(', ')};`;
    expect(codesOf(many(schemaDeclarationsMax))).toEqual([]);
    expect(codesOf(many(schemaDeclarationsMax + 1))).toEqual(['vm-schema.too-complex']);
    expect(codesOf(`//${'x'.repeat(schemaTextBytesMax - 2)}`)).toEqual([]);
    expect(codesOf(`//${'é'.repeat(schemaTextBytesMax / 2)}`)).toEqual(['vm-schema.too-large']);
  });

  it('costs no search for similar names where names are very long', () => {
    const [a, b] = ['a'.repeat(60_000), `${'a'.repeat(59_999)}b`];
    expect(codeOf(parseSchema(`entity ${a}; entity X in ${b};`))).toBe('vm-schema.unknown-type');
  });

  it('costs no search for similar names where the problem is not told', () => {
    const text = `${times(1_500, (i) => `entity Known${i};`)} entity U { ${times(2_000, (i) => `a${i}: Knowm${i},`)} };`;
    const { user } = process.cpuUsage();
    expect(codesOf(text)).toHaveLength(VM_LIMITS.schemaProblemsMax);
    expect((process.cpuUsage().user - user) / 1_000).toBeLessThan(2_000);
  });
});

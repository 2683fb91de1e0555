import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entitiesFromJson,
  entity,
  equalValues,
  type Json,
  parseJson,
  record,
  setOf,
  uidFromJson,
  VM_CODES,
  VM_LIMITS,
  valueFromJson,
} from '../../src/vm/index.ts';
import { accepted, codeOf } from './support.ts';

const entities = (text: string) => entitiesFromJson(accepted(parseJson(text)));
const value = (text: string) => valueFromJson(accepted(parseJson(text)));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const ALICE = '{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []}';

const REFUSED: readonly (readonly [string, () => string])[] = [
  ['vm-json.too-large', () => codeOf(parseJson(' '.repeat(VM_LIMITS.jsonTextMax + 1)))],
  ['vm-json.too-deep', () => codeOf(parseJson(nested(100_000)))],
  ['vm-json.duplicate-key', () => codeOf(parseJson('{"a": 1, "\\u0061": 2}'))],
  ['vm-json.forbidden-key', () => codeOf(parseJson('{"__proto__": 1}'))],
  ...['1.0', '1e3', '-0', '007', '9223372036854775808', '-9223372036854775809', '1'.repeat(400)].map(
    (text) => ['vm-json.not-an-integer', () => codeOf(parseJson(text))] as const,
  ),
  ...[
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a: 1}',
    '"\\ud800"',
    '"\u0001"',
    '"\\x41"',
    '"a',
    'nul',
    '1 2',
    '// x',
    '-',
    "'a'",
  ].map((text) => ['vm-json.malformed', () => codeOf(parseJson(text))] as const),
  ['vm-json.wrong-shape', () => codeOf(value('null'))],
  ['vm-json.wrong-shape', () => codeOf(value('{"__entity": {"type": "A"}}'))],
  ['vm-json.wrong-shape', () => codeOf(value('{"__entity": {"type": "A", "id": "b"}, "x": 1}'))],
  ['vm-json.wrong-shape', () => codeOf(value('{"__extn": {"fn": "isIpv4", "arg": "1.2.3.4"}}'))],
  ['vm-json.wrong-shape', () => codeOf(entities('[{"uid": {"type": "A", "id": "b"}, "attrs": {}}]'))],
  ['vm-json.wrong-shape', () => codeOf(entities(`[${ALICE.replace('attrs', 'attributes')}]`))],
  ...['', 'if', 'A::in', '__cedar::A', 'A ', 'A::', '::A', '1A', 'é', 'A\\u0000'].map(
    (type) => ['vm-json.wrong-shape', () => codeOf(value(`{"__entity": {"type": "${type}", "id": "b"}}`))] as const,
  ),
  ['vm-json.wrong-shape', () => codeOf(value('{"__expr": "1"}'))],
  [
    'vm-json.wrong-shape',
    () => codeOf(entities(`[${ALICE.replace('"User"', '"Action"').replace('[]', '[{"type": "A", "id": "b"}]')}]`)),
  ],
  ['vm-json.bad-extension-value', () => codeOf(value('{"__extn": {"fn": "ip", "arg": "300.2.3.4"}}'))],
  ['vm-json.duplicate-entity', () => codeOf(entities(`[${ALICE}, ${ALICE}]`))],
];

describe('JSON', () => {
  it.each(REFUSED.map(([code, attempt], i) => [code, i, attempt] as const))('refuses: %s (%i)', (code, _i, attempt) => {
    expect(attempt()).toBe(code);
  });

  it('shows every one of its codes here', () => {
    const codes = Object.keys(VM_CODES).filter((code) => code.startsWith('vm-json.'));
    expect([...new Set(REFUSED.map(([code]) => code))].sort()).toEqual(codes.sort());
  });

  it('nests up to the limit', () => {
    expect(codeOf(parseJson(nested(VM_LIMITS.jsonDepthMax + 1)))).toBe('accepted');
    expect(codeOf(parseJson(nested(VM_LIMITS.jsonDepthMax + 2)))).toBe('vm-json.too-deep');
  });

  it('reads what JSON.stringify writes', () => {
    const plain = (json: Json): unknown =>
      json instanceof Map
        ? Object.fromEntries([...json].map(([key, field]) => [key, plain(field)]))
        : Array.isArray(json)
          ? json.map(plain)
          : typeof json === 'bigint'
            ? Number(json)
            : json;
    const leaf = fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' }), fc.boolean(), fc.constant(null));
    const tree = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('any'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 2), (given, indent) => {
        const text = JSON.stringify(given, null, indent);
        expect(plain(accepted(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps integers above 2⁵³ exact', () => {
    expect(accepted(parseJson('[9007199254740993, -9223372036854775808, 0]'))).toEqual([
      9007199254740993n,
      -(2n ** 63n),
      0n,
    ]);
  });
});

describe('Cedar values in JSON', () => {
  it('are sets, records, entities and extension values', () => {
    const text =
      '{"set": [1, 1, "a"], "who": {"__entity": {"type": "N::User", "id": "a"}}, "d": {"__extn": {"fn": "decimal", "arg": "1.5"}}}';
    const expected = record({
      set: setOf([1n, 'a']),
      who: entity('N::User', 'a'),
      d: { kind: 'decimal', units: 15_000n },
    });
    expect(equalValues(accepted(value(text)), expected)).toBe(true);
  });

  it('are entities with attributes, tags and parents', () => {
    const found = accepted(
      entities(
        '[{"uid": {"type": "User", "id": "a"}, "attrs": {"n": 1}, "tags": {"t": true}, "parents": [{"__entity": {"type": "Team", "id": "x"}}]}]',
      ),
    );
    const alice = found.entity(entity('User', 'a'));
    expect([alice?.attribute('n'), alice?.tag('t'), alice?.attribute('toString')]).toEqual([1n, true, undefined]);
    expect(alice?.parents).toEqual([entity('Team', 'x')]);
    expect(found.entity(entity('User', 'b'))).toBeUndefined();
    expect(accepted(uidFromJson(accepted(parseJson('{"type": "A", "id": ""}'))))).toEqual(entity('A', ''));
  });
});

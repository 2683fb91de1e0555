import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightOf } from '../../src/vm/evaluate/gas.ts';
import { entity, equalValues, setOf, type Value } from '../../src/vm/index.ts';
import { contains, containsAll, containsAny } from '../../src/vm/values/equality.ts';

const { value } = fc.letrec<{ value: Value; leaf: Value }>((tie) => ({
  leaf: fc.oneof(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 3n }),
    fc.constantFrom('', 'a', '1', '1:a'),
    fc.constantFrom(entity('A', 'b'), entity('A', 'c'), entity('A::A', 'b')),
    fc.record({
      kind: fc.constantFrom('decimal' as const, 'duration' as const),
      units: fc.bigInt({ min: 0n, max: 1n }),
    }),
    fc.record({
      kind: fc.constant('ip' as const),
      version: fc.constantFrom(4 as const, 6 as const),
      address: fc.constant(1n),
      prefix: fc.constantFrom(8, 32),
    }),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 12 }).map(setOf),
    fc
      .dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { noNullPrototype: false })
      .map((fields) => ({ kind: 'record' as const, fields: new Map(Object.entries(fields)) })),
  ),
}));

/** The definition of `==`, item by item, without keys or sizes. */
function same(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a.kind === 'set' && b.kind === 'set') {
    const within = (xs: readonly Value[], ys: readonly Value[]) => xs.every((x) => ys.some((y) => same(x, y)));
    return within(a.items, b.items) && within(b.items, a.items);
  }
  if (a.kind === 'record' && b.kind === 'record') {
    const names = new Set([...a.fields.keys(), ...b.fields.keys()]);
    return [...names].every((name) => {
      const [x, y] = [a.fields.get(name), b.fields.get(name)];
      return x !== undefined && y !== undefined && same(x, y);
    });
  }
  const text = (v: object) => JSON.stringify(v, (_key, field) => (typeof field === 'bigint' ? `${field}n` : field));
  return a.kind === b.kind && text(sortedFields(a)) === text(sortedFields(b));
}
const sortedFields = (v: object): object => Object.fromEntries(Object.entries(v).sort());

describe('values', () => {
  it('are equal exactly where their definition says so', () => {
    fc.assert(
      fc.property(value, value, (a, b) => equalValues(a, b) === same(a, b)),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(value, (a) => equalValues(a, structuredClone(a))));
  });

  it('form sets without repeats, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), (values) => {
        const set = setOf(values);
        expect(set.items.every((item, i) => set.items.slice(0, i).every((other) => !same(item, other)))).toBe(true);
        expect(values.every((item) => contains(set, item))).toBe(true);
        const again = setOf([...values].reverse());
        expect(equalValues(set, again)).toBe(true);
        expect(weightOf(set)).toBe(weightOf(again));
      }),
    );
  });

  it('are found in sets, small or large, as their definition says', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 24 }), fc.array(value, { maxLength: 24 }), (xs, ys) => {
        const [a, b] = [setOf(xs), setOf(ys)];
        const has = (y: Value) => xs.some((x) => same(x, y));
        expect(containsAll(a, b)).toBe(ys.every(has));
        expect(containsAny(a, b)).toBe(ys.some(has));
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  authorize,
  type Entity,
  entity,
  explain,
  parsePolicies,
  record,
  type SetValue,
  setOf,
  type Value,
  VM_LIMITS,
} from '../../src/vm/index.ts';
import { accepted, codeOf, decide, GAS_LIMIT, reader, requestOf } from './support.ts';

const ANY = '(principal, action, resource)';
/** Reads of items that one unit of gas may cause: weighing, comparing, making keys. */
const READS_PER_GAS = 16;

/** A set that counts how often any of its items, however deep, is looked at. */
function counted(value: Value, counter: { reads: number }): Value {
  if (typeof value !== 'object' || value.kind !== 'set') return value;
  const items = new Proxy(
    value.items.map((item) => counted(item, counter)),
    {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) counter.reads++;
        return Reflect.get(target, key, receiver);
      },
    },
  );
  return { kind: 'set', items };
}

const nested = (depth: number, width: number, leaf: bigint, turned: boolean): Value => {
  if (depth === 0) return leaf;
  const items = Array.from({ length: width }, (_, i) =>
    nested(depth - 1, width, leaf * BigInt(width) + BigInt(i), turned),
  );
  return setOf(turned ? items.reverse() : items);
};

/** Sets that differ in their last item alone, and so do the sets in them: telling two apart item by item takes longest. */
const alike = (depth: number, width: number, tag: number): Value => {
  if (depth === 0) return BigInt(tag);
  const items = Array.from({ length: width - 1 }, (_, i) => alike(depth - 1, width, i));
  return setOf([...items, alike(depth - 1, width, width + tag)]);
};

const numbers = (from: number, length: number): SetValue => setOf(Array.from({ length }, (_, i) => BigInt(from + i)));

describe('sets', () => {
  it('within sets are not looked through anew at each level: reading them from JSON pays no gas', () => {
    const counter = { reads: 0 };
    let value = counted(setOf(Array.from({ length: 100 }, (_, i) => BigInt(i))), counter);
    for (let level = 0; level < VM_LIMITS.jsonDepthMax; level++) value = setOf([value]);
    expect(counter.reads).toBe(0);
  });
});

describe('hostile values', () => {
  it.each([
    ['nested sets that are equal, each level the other way round', nested(4, 7, 1n, false), nested(4, 7, 1n, true)],
    ['nested sets that are nearly alike', alike(5, 5, 1), alike(5, 5, 2)],
    ['nested pairs that differ in the last', nested(10, 2, 1n, false), nested(10, 2, 2n, true)],
    ['huge sets without a common item', numbers(0, 4_000), numbers(4_000, 4_000)],
    ['a huge set and a small one', numbers(0, 4_000), numbers(3_999, 9)],
    ['a huge set of small sets', setOf([nested(2, 60, 1n, false)]), nested(2, 60, 1n, true)],
  ])('%s cost work in proportion to gas', (_name, a, b) => {
    const counter = { reads: 0 };
    const context = record({ a: counted(a, counter), b: counted(b, counter) });
    for (const condition of [
      'context.a == context.b',
      'context.a.containsAll(context.b)',
      'context.a.containsAny(context.b)',
      'context.a.contains(context.b)',
      '[context.a, context.b, [context.a]] == [context.b]',
    ]) {
      counter.reads = 0;
      const { gasUsed, outOfGas } = decide(`permit${ANY} when { ${condition} };`, { context });
      expect(outOfGas).toBe(false);
      expect(counter.reads).toBeGreaterThan(0);
      expect(counter.reads).toBeLessThan(READS_PER_GAS * gasUsed);
    }
  });

  it('are not even weighed beyond the gas that is left, however often they are named', () => {
    const counter = { reads: 0 };
    const context = record({ big: counted(numbers(0, 50_000), counter) });
    const many = Array.from({ length: 2_000 }, () => 'context.big').join(', ');
    expect(decide(`permit${ANY} when { [${many}] == [] };`, { context, gas: 10_000 }).outOfGas).toBe(true);
    expect(counter.reads).toBeLessThan(READS_PER_GAS * 10_000);
  });

  it('of a deep and wide hierarchy are read no further than the gas reaches', () => {
    let reads = 0;
    const endless: Entity = {
      get parents() {
        reads++;
        return [entity('Team', `${reads}a`), entity('Team', `${reads}b`)];
      },
      attribute: () => undefined,
      tag: () => undefined,
    };
    const set = accepted(parsePolicies('permit(principal in Team::"top", action, resource);'));
    const decision = authorize(set, requestOf(), { entity: () => endless }, 100_000);
    expect(decision.outOfGas).toBe(true);
    expect(reads).toBeLessThan(100_000 / 20);
  });
});

describe('hostile policies', () => {
  it('may nest as deep as the limit and no deeper', () => {
    const deep = (levels: number): string => `permit${ANY} when { ${'['.repeat(levels)}1${']'.repeat(levels)} == 1 };`;
    const fits = VM_LIMITS.expressionDepthMax - 2;
    expect(decide(deep(fits)).errors).toEqual([]);
    expect(codeOf(parsePolicies(deep(fits + 2)))).toBe('vm-parse.too-deep');
    expect(codeOf(parsePolicies(deep(20_000)))).toBe('vm-parse.too-deep');
  });

  it('that say `is … in` of what says `is … in` cost what they say, once: doubled at each level it would be a million times', () => {
    const levels = 20;
    let chain = 'principal';
    for (let i = 0; i < levels; i++) chain = `(if ${chain} is User in principal then principal else principal)`;
    const set = accepted(parsePolicies(`permit${ANY} when { ${chain} == principal };`));
    const { allowed, gasUsed } = authorize(set, requestOf(), reader({}), GAS_LIMIT);
    expect(allowed).toBe(true);
    expect(gasUsed).toBeLessThan(10 * levels);
    expect(explain(set, requestOf(), reader({}), GAS_LIMIT).complete).toBe(true);
    const denied = accepted(parsePolicies(`permit${ANY} when { ${chain} != principal };`));
    expect(explain(denied, requestOf(), reader({}), GAS_LIMIT)).toMatchObject({ complete: true, nearest: 'policy0' });
  });

  it('match long patterns in one pass: trying every place anew would take 10¹³ steps', () => {
    const text = `${'a'.repeat(200_000)}c`;
    const part = `${'a'.repeat(1_500)}b`;
    const pattern = Array.from({ length: 30 }, () => part).join('*');
    const policy = `permit${ANY} when { context.text like "*${pattern}*" } unless { context.text like "${'*a'.repeat(8_000)}" };`;
    const { errors, allowed, gasUsed } = decide(policy, { context: record({ text }) });
    expect({ errors, allowed }).toEqual({ errors: [], allowed: false });
    expect(gasUsed).toBeGreaterThan(text.length / 32);
    expect(decide(policy, { context: record({ text }), gas: 5_000 }).outOfGas).toBe(true);
  });

  it('as many and as long as a set may be are decided, and explained, within their gas', () => {
    const clause = 'principal.a.contains(context.n) || resource.list.containsAll([1, 2, context.n])';
    const one = (i: number): string => `@id("${i}")permit${ANY} when { ${clause} };\n`;
    const text = Array.from({ length: VM_LIMITS.policiesMax }, (_, i) => one(i)).join('');
    const set = accepted(parsePolicies(text));
    const entities = reader({
      'User::alice': { attributes: { a: numbers(0, 100) } },
      'Chart::1': { attributes: { list: numbers(2, 100) } },
    });
    const context = record({ n: -1n });
    const decision = authorize(set, requestOf(context), entities, GAS_LIMIT);
    expect(decision).toMatchObject({ allowed: false, errors: [], outOfGas: false });
    expect(decision.gasUsed).toBeGreaterThan(VM_LIMITS.policiesMax * 200);
    const tight = explain(set, requestOf(context), entities, decision.gasUsed);
    expect({ decision: tight.decision, complete: tight.complete }).toEqual({ decision, complete: true });
    expect(tight.policies).toHaveLength(VM_LIMITS.policiesMax);
    expect(explain(set, requestOf(context), entities, decision.gasUsed - 1).policies).toEqual([]);
  });
});

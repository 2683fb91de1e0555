import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entity, record, setOf, VM_CODES } from '../../src/vm/index.ts';
import { ALICE, judged, reader } from './support.ts';

const entities = reader({
  'User::alice': {
    parents: [entity('Team', 'ward')],
    attributes: {
      age: 40n,
      name: 'Alice',
      self: ALICE,
      ghost: entity('User', 'ghost'),
      home: record({ city: record({ zip: '1' }) }),
    },
    tags: { grant: record({ uses: 2n }) },
  },
  'Team::ward': { parents: [entity('Hospital', 'A')] },
  'Hospital::A': {},
});
const context = record({ list: setOf([1n, 'a', true]) });
const says = (expression: string): string => judged(expression, { entities, context });

/** Expression, and what it comes to. */
const CASES: readonly (readonly [string, string])[] = [
  // Short circuits: what is not evaluated cannot fail; what is must be a boolean.
  ['false && 1', 'false'],
  ['true || 1', 'true'],
  ['true && 1', 'vm-eval.type-error'],
  ['1 && true', 'vm-eval.type-error'],
  ['false || "a"', 'vm-eval.type-error'],
  ['if true then true else 1 + "a"', 'true'],
  ['if 1 then true else true', 'vm-eval.type-error'],
  ['if true then 1 else true', 'vm-eval.type-error'],
  ['!"a"', 'vm-eval.type-error'],
  // Arithmetic and order.
  ['9223372036854775807 + 1 > 0', 'vm-eval.overflow'],
  ['-9223372036854775808 - 1 < 0', 'vm-eval.overflow'],
  ['4611686018427387904 * 2 > 0', 'vm-eval.overflow'],
  ['-(-9223372036854775807 - 1) > 0', 'vm-eval.overflow'],
  ['1 + true == 2', 'vm-eval.type-error'],
  ['-"a" == 1', 'vm-eval.type-error'],
  ['"a" < "b"', 'vm-eval.type-error'],
  ['1 < decimal("2.0")', 'vm-eval.type-error'],
  // Equality never fails.
  ['1 == "1"', 'false'],
  ['principal != "alice"', 'true'],
  ['[1, [2, 3]] == [[3, 2, 2], 1]', 'true'],
  ['{a: 1, b: [1]} == {b: [1, 1], a: 1}', 'true'],
  ['{a: 1} == {a: 1, b: 1}', 'false'],
  ['decimal("1.0") == decimal("1.0000")', 'true'],
  ['duration("1d") == 86400000', 'false'],
  ['ip("10.0.0.1/8") == ip("10.0.0.0/8")', 'false'],
  // Attributes and tags.
  ['principal.age == 40', 'true'],
  ['principal["age"] == 40', 'true'],
  ['principal.self.self.name == "Alice"', 'true'],
  ['principal.shoe == 1', 'vm-eval.missing-attribute'],
  ['context.shoe == 1', 'vm-eval.missing-attribute'],
  ['resource.shoe == 1', 'vm-eval.missing-entity'],
  ['principal.ghost.name == ""', 'vm-eval.missing-entity'],
  ['principal.age.x == 1', 'vm-eval.type-error'],
  ['principal has age', 'true'],
  ['principal has shoe', 'false'],
  ['resource has age', 'false'],
  ['1 has age', 'vm-eval.type-error'],
  ['principal has home.city.zip', 'true'],
  ['principal has home.street.zip', 'false'],
  ['principal has ghost.name', 'false'],
  ['principal has age.x', 'vm-eval.type-error'],
  ['principal has "home"', 'true'],
  ['principal.hasTag("grant")', 'true'],
  ['principal.hasTag("other")', 'false'],
  ['resource.hasTag("grant")', 'false'],
  ['principal.getTag("grant").uses == 2', 'true'],
  ['principal.getTag("other") == 2', 'vm-eval.missing-tag'],
  ['resource.getTag("grant") == 2', 'vm-eval.missing-entity'],
  ['principal.hasTag(1)', 'vm-eval.type-error'],
  ['context.hasTag("grant")', 'vm-eval.type-error'],
  // Hierarchy.
  ['principal in principal', 'true'],
  ['resource in resource', 'true'],
  ['principal in Hospital::"A"', 'true'],
  ['Hospital::"A" in principal', 'false'],
  ['principal in [Hospital::"B", Hospital::"A"]', 'true'],
  ['principal in []', 'false'],
  ['principal in [Hospital::"A", 1]', 'vm-eval.type-error'],
  ['principal in 1', 'vm-eval.type-error'],
  ['[principal] in Hospital::"A"', 'vm-eval.type-error'],
  ['principal is User', 'true'],
  ['principal is Team', 'false'],
  ['principal is User in Team::"ward"', 'true'],
  ['principal is Team in 1', 'false'],
  ['principal is User in 1', 'vm-eval.type-error'],
  ['1 is User', 'vm-eval.type-error'],
  // Sets.
  ['context.list.contains("a")', 'true'],
  ['context.list.contains(2)', 'false'],
  ['[].contains(1)', 'false'],
  ['1 .contains(1)', 'vm-eval.type-error'],
  ['context.list.containsAll([true, 1])', 'true'],
  ['context.list.containsAll([])', 'true'],
  ['context.list.containsAny([])', 'false'],
  ['context.list.containsAny([2, 1])', 'true'],
  ['context.list.containsAll(1)', 'vm-eval.type-error'],
  ['[].isEmpty() && !context.list.isEmpty()', 'true'],
  ['"".isEmpty()', 'vm-eval.type-error'],
  ['[1, principal.shoe] == [1]', 'vm-eval.missing-attribute'],
  // Text.
  ['"a*b" like "a\\*b"', 'true'],
  ['"axb" like "a\\*b"', 'false'],
  ['"axxb" like "a*b"', 'true'],
  ['1 like "*"', 'vm-eval.type-error'],
  // Extension functions.
  ['ip(1).isIpv4()', 'vm-eval.type-error'],
  ['ip() == 1', 'vm-eval.wrong-arguments'],
  ['decimal("1.0").lessThan() == true', 'vm-eval.wrong-arguments'],
  ['decimal("x") == decimal("x")', 'vm-eval.bad-extension-value'],
  ['decimal("1.0").lessThan(1)', 'vm-eval.type-error'],
];

describe('expressions', () => {
  it.each(CASES)('%s is %s', (expression, outcome) => {
    expect(says(expression)).toBe(outcome);
  });

  it('shows every evaluation code here, gas apart', () => {
    const codes = Object.keys(VM_CODES).filter((code) => code.startsWith('vm-eval.') && code !== 'vm-eval.out-of-gas');
    const seen = new Set(CASES.map(([, outcome]) => outcome).filter((outcome) => outcome.startsWith('vm-eval.')));
    expect([...seen].sort()).toEqual(codes.sort());
  });

  it('computes as 64-bit arithmetic does, or overflows', () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const operators = {
      '+': (a: bigint, b: bigint) => a + b,
      '-': (a: bigint, b: bigint) => a - b,
      '*': (a: bigint, b: bigint) => a * b,
    };
    fc.assert(
      fc.property(
        long,
        fc.oneof(long, fc.bigInt({ min: -9n, max: 9n })),
        fc.constantFrom('+', '-', '*'),
        (a, b, operator) => {
          const exact = operators[operator as '+'](a, b);
          const fits = BigInt.asIntN(64, exact) === exact;
          const given = record({ a, b, exact: fits ? exact : 0n });
          const said = judged(`context.a ${operator} context.b == context.exact`, { context: given });
          expect(said).toBe(fits ? 'true' : 'vm-eval.overflow');
        },
      ),
    );
  });

  it('treats an inherited JavaScript name as any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(says(`principal has ${name} || context has ${name} || {} has ${name}`)).toBe('false');
      expect(says(`{${name}: 1}.${name} == 1`)).toBe('true');
    }
  });
});

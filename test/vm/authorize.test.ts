import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorize, entity, isAuthorizedCedar, mergePolicySets, parsePolicies, record } from '../../src/vm/index.ts';
import { accepted, decide, GAS_LIMIT, reader, requestOf } from './support.ts';

const ANY = '(principal, action, resource)';

describe('a decision', () => {
  it('is deny where no policy speaks', () => {
    expect(decide('')).toEqual({ allowed: false, reasons: [], errors: [], gasUsed: 0, outOfGas: false });
    expect(decide(`permit${ANY} when { false };`)).toMatchObject({ allowed: false, reasons: [] });
  });

  it('names the permits that allowed', () => {
    expect(
      decide(`@id("b") permit${ANY}; @id("a") permit${ANY}; @id("c") permit${ANY} unless { true };`),
    ).toMatchObject({
      allowed: true,
      reasons: ['a', 'b'],
    });
  });

  it('names the forbids that won over any permit', () => {
    expect(decide(`@id("p") permit${ANY}; @id("f") forbid${ANY};`)).toMatchObject({ allowed: false, reasons: ['f'] });
  });

  it('skips a permit that errs, and says so', () => {
    expect(decide(`@id("bad") permit${ANY} when { context.x }; @id("good") permit${ANY};`)).toMatchObject({
      allowed: true,
      reasons: ['good'],
      errors: [{ policyId: 'bad', code: 'vm-eval.missing-attribute' }],
    });
  });

  it('is deny where a forbid errs, though Cedar would allow', () => {
    const policies = accepted(parsePolicies(`@id("p") permit${ANY}; @id("f") forbid${ANY} when { context.x };`));
    expect(decide(policies)).toMatchObject({
      allowed: false,
      reasons: [],
      errors: [{ policyId: 'f', code: 'vm-eval.missing-attribute' }],
    });
    expect(isAuthorizedCedar(policies, requestOf(), reader({}))).toEqual({
      decision: 'allow',
      reason: ['p'],
      errors: ['f'],
    });
  });

  it('takes every condition, in order, and stops at the first that does not hold', () => {
    expect(decide(`permit${ANY} when { true } unless { false } when { 1 == 1 };`).allowed).toBe(true);
    expect(decide(`permit${ANY} when { false } when { context.x };`).errors).toEqual([]);
    expect(decide(`permit${ANY} when { context.x } when { false };`).errors).toHaveLength(1);
    expect(decide(`permit${ANY} unless { 1 };`).errors).toEqual([{ policyId: 'policy0', code: 'vm-eval.type-error' }]);
    expect(decide(`permit${ANY} when { 1 };`).errors).toEqual([{ policyId: 'policy0', code: 'vm-eval.type-error' }]);
  });

  it('orders policies by the bytes of their ids, not by their UTF-16 units or their place', () => {
    const ids = ['😀', '\u{ffee}', 'b', 'a', 'ab'];
    const set = accepted(mergePolicySets(ids.map((id) => accepted(parsePolicies(`@id("${id}") permit${ANY};`)))));
    expect(decide(set).reasons).toEqual(['a', 'ab', 'b', '\u{ffee}', '😀']);
  });
});

describe('a scope', () => {
  const entities = reader({
    'User::alice': { parents: [entity('Team', 'ward')] },
    'Action::read': { parents: [entity('Action', 'use')] },
  });
  const fits = (scope: string): boolean => decide(`permit(${scope});`, { entities }).allowed;

  it.each([
    ['principal == User::"alice", action, resource', true],
    ['principal == User::"bob", action, resource', false],
    ['principal == Team::"alice", action, resource', false],
    ['principal in Team::"ward", action, resource', true],
    ['principal in Team::"other", action, resource', false],
    ['principal is User, action, resource', true],
    ['principal is Team, action, resource', false],
    ['principal is User in Team::"ward", action, resource', true],
    ['principal is Team in Team::"ward", action, resource', false],
    ['principal is User in Team::"other", action, resource', false],
    ['principal, action == Action::"read", resource', true],
    ['principal, action == Action::"write", resource', false],
    ['principal, action in Action::"use", resource', true],
    ['principal, action in [Action::"write", Action::"use"], resource', true],
    ['principal, action in [Action::"write"], resource', false],
    ['principal, action in [], resource', false],
    ['principal, action, resource is Chart', true],
    ['principal, action, resource == Chart::"2"', false],
    ['principal, action, resource in Chart::"1"', true],
  ])('%s fits: %s', (scope, expected) => {
    expect(fits(scope)).toBe(expected);
  });
});

describe('gas', () => {
  const policies = accepted(
    parsePolicies(`
      @id("a") permit${ANY} when { principal in Team::"top" && context.n + 1 == 3 };
      @id("b") forbid${ANY} when { context has x.y || ["a", "b"].contains(context.s) };
      @id("c") permit${ANY} when { context.s like "*q*" || ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) };`),
  );
  const entities = reader({
    'User::alice': { parents: [entity('Team', 'ward')] },
    'Team::ward': { parents: [entity('Team', 'top')] },
  });
  const context = record({ n: 2n, s: 'text' });
  const full = decide(policies, { entities, context });

  it('decides the same with exactly enough, and denies everything with any less', () => {
    expect(full).toMatchObject({ allowed: true, reasons: ['a', 'c'], outOfGas: false });
    for (let gas = 0; gas < full.gasUsed; gas++)
      expect(decide(policies, { entities, context, gas })).toEqual({
        allowed: false,
        reasons: [],
        errors: [],
        gasUsed: gas,
        outOfGas: true,
      });
    expect(decide(policies, { entities, context, gas: full.gasUsed })).toEqual(full);
  });

  it('is the price table’s sum', () => {
    // Policy 10, `&&` 1, `==` 1 and the weights of 3 and 3, `+` 1, `context.n` 2, literals 1 + 1.
    expect(decide(`permit${ANY} when { true && context.n + 1 == 3 };`, { context }).gasUsed).toBe(
      10 + 2 + 3 + 1 + 2 + 2,
    );
    // A scope that does not fit costs the policy alone.
    expect(decide(`permit(principal == User::"bob", action, resource) when { context.x.y.z };`).gasUsed).toBe(10);
    // `in` from alice to top: two generations, each 20, with one parent each.
    expect(decide(`permit(principal in Team::"top", action, resource);`, { entities }).gasUsed).toBe(10 + 2 * 21);
  });

  it('does not depend on who is found first, nor on a constant being known beforehand', () => {
    const spent = (text: string) => decide(`permit${ANY} when { ${text} };`, { context }).gasUsed;
    expect(spent('[1, 2, 3].contains(1)')).toBe(spent('[1, 2, 3].contains(4)'));
    expect(spent('[1, 2, 2].contains(2)')).toBe(spent('[1, 2, context.n].contains(2)') - 1);
    const [permit, forbid] = [`permit${ANY} when { 1 == 1 };`, `@id("f") forbid${ANY};`];
    expect(decide(permit + forbid).gasUsed).toBe(decide(permit).gasUsed + decide(forbid).gasUsed);
  });

  it('is paid for every reading of an entity, though it is read once', () => {
    const read = reader({ 'User::alice': { attributes: { a: 1n } } });
    const once = decide(`permit${ANY} when { principal.a == 1 };`, { entities: read }).gasUsed;
    const twice = decide(`permit${ANY} when { principal.a == 1 } when { principal.a == 1 };`, {
      entities: read,
    }).gasUsed;
    expect(twice - once).toBe(once - 10);
    expect(read.reads).toHaveLength(2);
  });

  it('bounds the work: comparing large values is paid before it is done', () => {
    const large = record({ s: 'x'.repeat(32_000) });
    const text = `permit${ANY} when { context.s == context.s };`;
    expect(decide(text, { context: large, gas: 1_000 }).outOfGas).toBe(true);
    expect(decide(text, { context: large }).gasUsed).toBe(10 + 5 + 2 * 1_001);
  });

  it('never takes a limit that is no integer', () => {
    fc.assert(
      fc.property(fc.constantFrom(-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY), (limit) => {
        expect(() => authorize(policies, requestOf(), reader({}), limit)).toThrow('gas limit');
      }),
    );
    expect(authorize(policies, requestOf(), reader({}), GAS_LIMIT).outOfGas).toBe(false);
  });
});

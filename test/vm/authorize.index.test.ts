import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure, OUT_OF_GAS } from '../../src/vm/evaluate/outcome.ts';
import { compiledPolicies, planFor } from '../../src/vm/evaluate/policy-set.ts';
import { readOnce } from '../../src/vm/evaluate/run.ts';
import {
  type AuthorizationRequest,
  authorize,
  type Decision,
  type EntityReader,
  entity,
  type PolicySet,
  parsePolicies,
  VM_LIMITS,
} from '../../src/vm/index.ts';
import { policyTexts } from './arbitrary/policies.ts';
import { readerOf, requestIn, worlds } from './arbitrary/world.ts';
import { accepted, GAS_LIMIT, requestOf } from './support.ts';

/** The rule as it is written: every policy, by the bytes of its id, and no index. */
function everyPolicy(
  set: PolicySet,
  request: AuthorizationRequest,
  entities: EntityReader,
  gasLimit: number,
): Decision {
  const run = { request, entities: readOnce(entities), gas: gasLimit };
  const satisfied = { permit: [] as string[], forbid: [] as string[] };
  const errors = [];
  let forbidErred = false;
  for (const { id, effect, decides } of compiledPolicies(set)) {
    const outcome = decides(run);
    if (outcome === OUT_OF_GAS) return { allowed: false, reasons: [], errors: [], gasUsed: gasLimit, outOfGas: true };
    if (outcome instanceof Failure) errors.push({ policyId: id, code: outcome.code });
    if (outcome instanceof Failure && effect === 'forbid') forbidErred = true;
    if (outcome === true) satisfied[effect].push(id);
  }
  const allowed = satisfied.permit.length > 0 && satisfied.forbid.length === 0 && !forbidErred;
  const reasons = allowed ? satisfied.permit : satisfied.forbid;
  return { allowed, reasons, errors, gasUsed: gasLimit - run.gas, outOfGas: false };
}

describe('the index of a policy set', () => {
  it('changes neither decision, reasons, errors, gas nor the entities that are read', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(policyTexts, worlds, fc.double({ min: 0, max: 1.2, noNaN: true }), (texts, world, share) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const request = requestIn(world);
        const full = everyPolicy(set, request, readerOf(world), GAS_LIMIT);
        for (const gas of [GAS_LIMIT, Math.floor(full.gasUsed * share)]) {
          const [indexed, plain] = [readerOf(world), readerOf(world)];
          const decision = authorize(set, request, indexed, gas);
          expect(decision).toEqual(everyPolicy(set, request, plain, gas));
          if (!decision.outOfGas) expect(indexed.reads).toEqual(plain.reads);
          seen.add(decision.outOfGas ? 'out of gas' : decision.allowed ? 'allowed' : 'denied');
          if (decision.errors.length > 0) seen.add('erred');
        }
      }),
      { numRuns: 200 },
    );
    expect([...seen].sort()).toEqual(['allowed', 'denied', 'erred', 'out of gas']);
  });

  it('leaves out what its scope rules out, and counts it', () => {
    const set = accepted(
      parsePolicies(`
        @id("a") permit(principal, action == Action::"write", resource);
        @id("b") permit(principal is Team, action, resource);
        @id("c") permit(principal, action == Action::"read", resource is Chart);
        @id("d") permit(principal, action in [Action::"write"], resource);
        @id("e") permit(principal, action, resource == Record::"1");`),
    );
    const { candidates, skippedLast } = planFor(set, requestOf());
    expect(candidates.map(({ policy, skipped }) => [policy.id, skipped])).toEqual([
      ['c', 2],
      ['d', 0],
    ]);
    expect(skippedLast).toBe(1);
  });

  it('keeps a plan for later, and no more plans than its limit', () => {
    const set = accepted(parsePolicies('permit(principal, action, resource);'));
    const ask = (n: number) => ({ ...requestOf(), action: entity('Action', String(n)) });
    const first = planFor(set, ask(0));
    for (let n = 0; n < VM_LIMITS.indexPlansMax + 10; n++) planFor(set, ask(n));
    expect(planFor(set, ask(0))).toBe(first);
    const beyond = ask(VM_LIMITS.indexPlansMax + 5);
    expect(planFor(set, beyond)).not.toBe(planFor(set, beyond));
    expect(planFor(set, beyond)).toEqual(first);
  });
});

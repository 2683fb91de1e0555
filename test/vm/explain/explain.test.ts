import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import {
  authorize,
  entity,
  explain,
  parsePolicies,
  record,
  sentenceOf,
  setOf,
  traceBytes,
  type Value,
} from '../../../src/vm/index.ts';
import { policyTexts } from '../arbitrary/policies.ts';
import { readerOf, requestIn, turnedRound, worlds } from '../arbitrary/world.ts';
import { accepted, GAS_LIMIT, reader, requestOf } from '../support.ts';

const ANY = '(principal, action, resource)';
const RUNS = { numRuns: 60 };

describe('asking why', () => {
  it('changes neither the decision nor its gas, and tells of each policy what the decision says of it', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(policyTexts, worlds, fc.option(fc.nat(400)), (texts, world, tight) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const request = requestIn(world);
        const gas = tight ?? GAS_LIMIT;
        const explanation = explain(set, request, readerOf(world), gas);
        const { decision, policies, complete } = explanation;
        expect(decision).toEqual(authorize(set, request, readerOf(world), gas));
        if (decision.outOfGas || !complete) return;
        const idsOf = (outcome: string) => policies.filter((one) => one.outcome === outcome).map((one) => one.policyId);
        expect(idsOf('error')).toEqual(decision.errors.map(({ policyId }) => policyId));
        for (const { policyId, code } of decision.errors)
          expect(policies.find((one) => one.policyId === policyId)?.failed?.error?.code).toBe(code);
        for (const { policyId, effect, outcome, failed } of policies) {
          outcomes.add(outcome);
          expect(failed === null).toBe(outcome === 'satisfied');
          const wins = effect === (decision.reasons.length > 0 && !decision.allowed ? 'forbid' : 'permit');
          if (wins && (decision.allowed || effect === 'forbid'))
            expect(decision.reasons.includes(policyId)).toBe(outcome === 'satisfied');
        }
      }),
      // Drawn anew each time, a run may miss an outcome; these meet all three.
      { ...RUNS, seed: 2 },
    );
    expect([...outcomes].sort()).toEqual(['error', 'satisfied', 'unmet']);
  });

  it('gives the same bytes in whatever order entities, parents, items and fields stand', () => {
    fc.assert(
      fc.property(policyTexts, worlds, (texts, world) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const turned = turnedRound(world);
        const bytes = traceBytes(explain(set, requestIn(world), readerOf(world), GAS_LIMIT));
        expect(toHex(traceBytes(explain(set, requestIn(turned), readerOf(turned), GAS_LIMIT)))).toBe(toHex(bytes));
      }),
      RUNS,
    );
  });
});

const entities = reader({
  'User::alice': {
    parents: [entity('Team', 'ward')],
    attributes: { status: 'suspended', home: entity('Hospital', 'A') },
  },
  'Hospital::A': { attributes: { status: 'barred' } },
  'Chart::1': { attributes: { owner: entity('User', 'bob') } },
});
const context = record({ purpose: 'TREAT', uses: 0n, purposes: setOf(['HRESCH', 'ETREAT']), big: bigSet() });

function bigSet(): Value {
  return setOf(Array.from({ length: 500 }, (_, i) => BigInt(i)));
}

const why = (text: string, gas = GAS_LIMIT): string =>
  sentenceOf(explain(accepted(parsePolicies(text)), requestOf(context), entities, gas));

describe('the sentence', () => {
  it.each([
    ['', 'Denied: no policy permits it.'],
    [`@id("p") permit${ANY}; @id("q") permit${ANY};`, 'Allowed by "p" and "q".'],
    [
      `@id("p") permit${ANY} when { principal.status == "active" && context.purpose == "TREAT" };`,
      'Denied: no policy permits it; the nearest is "p", but principal.status == "active" is false (principal.status is "suspended").',
    ],
    [
      `@id("p") permit(principal is Patient, action, resource);`,
      'Denied: no policy permits it; the nearest is "p", but principal is Patient is false (principal is User::"alice").',
    ],
    [
      `@id("p") permit(principal in Team::"other", action, resource);`,
      'Denied: no policy permits it; the nearest is "p", but principal in Team::"other" is false (principal is User::"alice").',
    ],
    [
      `@id("p") permit${ANY} unless { context.uses == 0 || principal.missing };`,
      'Denied: no policy permits it; the nearest is "p", but context.uses == 0 is true (context.uses is 0).',
    ],
    [
      `@id("p") permit${ANY} when { context.purposes.contains(context.purpose) };`,
      'Denied: no policy permits it; the nearest is "p", but context.purposes.contains(context.purpose) is false ' +
        '(context.purposes is ["ETREAT", "HRESCH"], context.purpose is "TREAT").',
    ],
    [
      `@id("p") permit${ANY} when { context.big.contains(-1) };`,
      'Denied: no policy permits it; the nearest is "p", but context.big.contains(-1) is false (context.big is [… 500 items]).',
    ],
    [
      `@id("p") permit${ANY} when { resource.owner.getTag("g").uses > 0 };`,
      'Denied: no policy permits it; the nearest is "p", but resource.owner.getTag("g"), in resource.owner.getTag("g").uses > 0, fails ' +
        'with vm-eval.missing-entity: an attribute or tag of an entity that does not exist (resource.owner is User::"bob").',
    ],
    [
      `@id("f") forbid${ANY} unless { principal.home.status == "active" }; @id("p") permit${ANY};`,
      'Denied: "f" forbids it, because principal.home.status == "active" is false (principal.home.status is "barred").',
    ],
    [
      `@id("f") forbid${ANY} when { context.x };`,
      'Denied: "f" may forbid it and cannot be evaluated, because context.x fails with vm-eval.missing-attribute: ' +
        'the entity or record has no such attribute.',
    ],
    [
      `@id("p") permit${ANY} when { if context.uses > 0 then context.x else principal == resource.owner };`,
      'Denied: no policy permits it; the nearest is "p", but if context.uses > 0 then context.x else principal == resource.owner is false ' +
        '(context.uses is 0, principal is User::"alice", resource.owner is User::"bob").',
    ],
  ])('of %s is: %s', (text, sentence) => {
    expect(why(text)).toBe(sentence);
  });

  it('of a request that ran out of gas names no policy', () => {
    expect(why(`@id("secret") permit${ANY};`, 5)).toBe('Denied: deciding would cost more than 5 gas.');
  });

  it('names the permit with the least to change, among those for this action', () => {
    const [scope, far, near, other] = [
      `@id("a-scope") permit(principal is Patient, action, resource);`,
      `@id("b-far") permit${ANY} when { 1 == 2 && 2 == 3 };`,
      `@id("c-near") permit${ANY} when { context.purpose == "X" && context.none };`,
      `@id("d-other") permit(principal, action == Action::"write", resource);`,
    ];
    const nearest = (...texts: (string | undefined)[]): string | null =>
      explain(accepted(parsePolicies(texts.join('\n'))), requestOf(context), entities, GAS_LIMIT).nearest;
    expect(nearest(scope, far, near, other)).toBe('c-near');
    expect(nearest(scope, far, other)).toBe('b-far');
    expect(nearest(scope, other)).toBe('a-scope');
    expect(nearest(other)).toBe(null);
  });

  it('points to where the clause stands in its text', () => {
    const text = `@id("p") permit${ANY}\nwhen { true && context.uses == 7 };`;
    const [trace] = explain(accepted(parsePolicies(text)), requestOf(context), entities, GAS_LIMIT).policies;
    expect(trace?.failed).toMatchObject({ part: 'when', text: 'context.uses == 7', at: text.indexOf('== 7') });
  });

  it('cuts what is long, and never through a pair of surrogates', () => {
    for (const pad of ['', 'x']) {
      const long = record({ s: pad + '😀'.repeat(400) });
      const policy = `@id("p") permit${ANY} when { context.s == "" };`;
      const explanation = explain(accepted(parsePolicies(policy)), requestOf(long), entities, GAS_LIMIT);
      const value = explanation.policies[0]?.failed?.values[0]?.value ?? '';
      expect(value.length).toBeLessThan(260);
      expect(value).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

import * as wasm from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policySetOf } from '../../../src/vm/evaluate/policy-set.ts';
import { authorize, entity } from '../../../src/vm/index.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { linkTemplate } from '../../../src/vm/syntax/template.ts';
import { ALICE, accepted, CHART, codeOf, GAS_LIMIT, reader, requestOf } from '../support.ts';
import { meaningOf, onlyOf } from './tree.ts';
import { template } from './trees.ts';

const GRANT = '@title("a grant") permit(principal == ?principal, action, resource in ?resource) when { 1 < 2 };';
const BOTH = { principal: ALICE, resource: CHART };

describe('templates', () => {
  it('are read beside policies, and are none of them', () => {
    const { policies, templates, problems } = readPolicies(`${GRANT} permit(principal, action, resource); ${GRANT}`);
    expect([policies.length, templates.length, problems.length]).toEqual([1, 2, 0]);
    expect(templates[0]?.scope.principal).toEqual({ kind: 'slot', operator: '==', entityType: undefined, at: 25 });
  });

  it('are linked to a policy that says what it is, and decides', () => {
    const linked = accepted(linkTemplate(onlyOf(GRANT), 'grant of a chart', BOTH));
    expect(linked.text).toBe(`@title("a grant")
@id("grant of a chart")
permit (principal == User::"alice", action, resource in Chart::"1")
when { 1 < 2 };`);
    expect(meaningOf(onlyOf(linked.text))).toEqual(meaningOf(linked));
    const decision = authorize(accepted(policySetOf([linked])), requestOf(), reader({}), GAS_LIMIT);
    expect(decision).toMatchObject({ allowed: true, reasons: ['grant of a chart'] });
  });

  it('keep the type that a clause asks for beside its slot', () => {
    const typed = onlyOf('forbid(principal is User in ?principal, action, resource is Chart);');
    expect(accepted(linkTemplate(typed, 'x', { principal: entity('Team', 'a') })).scope.principal).toMatchObject({
      kind: 'is',
      entityType: 'User',
      within: entity('Team', 'a'),
    });
  });

  it('need a value for every slot, and take no other', () => {
    const one = onlyOf('permit(principal, action, resource == ?resource);');
    expect(codeOf(linkTemplate(onlyOf(GRANT), 'x', { principal: ALICE }))).toBe('vm-template.missing-value');
    expect(codeOf(linkTemplate(one, 'x', {}))).toBe('vm-template.missing-value');
    expect(codeOf(linkTemplate(one, 'x', BOTH))).toBe('vm-template.no-such-slot');
    expect(codeOf(linkTemplate(one, 'x', { resource: CHART }))).toBe('accepted');
  });

  it('are linked where the official engine links them', () => {
    const values = fc.record({ principal: fc.constant(ALICE), resource: fc.constant(CHART) }, { requiredKeys: [] });
    fc.assert(
      fc.property(template, values, (tree, given) => {
        const text = printPolicy(tree);
        const link = { '?principal': given.principal, '?resource': given.resource };
        const official = wasm.checkParsePolicySet({
          templates: { t: text },
          templateLinks: [
            {
              templateId: 't',
              newId: 'linked',
              values: Object.fromEntries(
                Object.entries(link).flatMap(([slot, uid]) => (uid ? [[slot, { type: uid.type, id: uid.id }]] : [])),
              ),
            },
          ],
        });
        const isTemplate = readPolicies(text).templates.length === 1;
        // The engine takes no policy without slots for a template; linking one of ours to nothing changes nothing.
        if (isTemplate) expect(linkTemplate(onlyOf(text), 'linked', given).ok).toBe(official.type === 'success');
        else expect(linkTemplate(tree, 'linked', given).ok).toBe(Object.keys(given).length === 0);
      }),
      { numRuns: 100 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { policyTextOf } from '../../../src/ledger/genesis.ts';
import { POLICY_LIMITS } from '../../../src/ledger/policy/limits.ts';
import { checkStrictly } from '../../../src/ledger/policy/schema-of.ts';
import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { validatePolicies } from '../../../src/vm/validate/validate.ts';
import { genesisOf } from '../town.ts';
import { SCHEMA } from './ward.ts';

const read = parseSchema(SCHEMA);
if (!read.ok) throw new Error('the shipped schema reads');
const schema = read.value;

const verdict = (text: string) => {
  const { policies, problems } = readPolicies(text);
  expect(problems).toEqual([]);
  const checked = checkStrictly(schema, policies);
  return checked.ok ? null : checked.rejection;
};
const permit = (condition: string, action = 'action'): string =>
  `permit (principal, ${action}, resource) when { ${condition} };`;
const chain = (condition: string, length: number): string => Array.from({ length }, () => condition).join(' && ');
const TOO_COSTLY = { code: 'policy.invalid', detail: { reason: 'vm-validate.too-costly' } };

describe('checking what is deployed takes no more steps than its text pays for (T-43)', () => {
  it.each([
    ['more nodes for every kind of request than characters', permit(chain('!!!!true', 400))],
    [
      'what was asked for, carried up through levels',
      permit(`${'true && ('.repeat(55)}${chain('principal has status', 300)}${')'.repeat(55)}`),
    ],
    ['records that are compared', permit(`[${chain('{a:1}', 1_000).replaceAll(' && ', ',')}].isEmpty()`)],
  ])('refuses %s', (_, text) => expect(verdict(text)).toMatchObject(TOO_COSTLY));

  it.each([
    ['a condition on every kind of request', permit('principal has status && principal.status == "active"')],
    ['the dearest nodes for one action', permit(chain('!!!!true', 1_000), 'action == Action::"readRecord"')],
    ['the shortest policy', 'permit(principal,action,resource);'],
  ])('is enough for %s', (_, text) => expect(verdict(text)).toBeNull());

  it('is ten times what any shipped policy needs', () => {
    const { policies } = readPolicies(policyTextOf(genesisOf(4)));
    const stepsMaxOf = ({ text }: { readonly text: string }) =>
      (POLICY_LIMITS.checkStepsPerCharacter / 10) * text.length;
    expect(policies.length).toBeGreaterThan(30);
    for (const { errors } of validatePolicies(schema, policies, 'strict', stepsMaxOf)) expect(errors).toEqual([]);
  });
});

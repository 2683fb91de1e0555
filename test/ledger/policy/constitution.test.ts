import { describe, expect, it } from 'vitest';
import type { LedgerCode } from '../../../src/ledger/codes.ts';
import { policyTextOf } from '../../../src/ledger/genesis.ts';
import { composeText, deployedPolicies, namedPolicies } from '../../../src/ledger/policy/compose.ts';
import { checkConstitution } from '../../../src/ledger/policy/constitution.ts';
import { INALIENABLE, INALIENABLE_ACTIONS } from '../../../src/ledger/policy/inalienable.ts';
import { checkStrictly } from '../../../src/ledger/policy/schema-of.ts';
import { parsePolicies } from '../../../src/vm/index.ts';
import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { keyOfUid } from '../../../src/vm/schema/schema.ts';
import { genesisOf } from '../town.ts';
import { SCHEMA, Ward } from './ward.ts';

/** A value that must be there. */
const sure = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!result.ok) throw new Error('a test needs this to be there');
  return result.value;
};
const schema = sure(parseSchema(SCHEMA));
const SHIPPED = policyTextOf(genesisOf(4));
const standing = sure(namedPolicies(SHIPPED));

/** What the consortium's policies become, asked whether the way back stays open: null, or the code. */
function verdict(deploy: string, retire: readonly string[] = []): LedgerCode | null {
  const deployed = sure(deployedPolicies(deploy));
  const strict = checkStrictly(
    schema,
    deployed.map(({ policy }) => policy),
  );
  if (!strict.ok) return strict.rejection.code as LedgerCode;
  const text = sure(composeText(standing, deployed, retire));
  const checked = checkConstitution(schema, sure(parsePolicies(text)), sure(namedPolicies(text)));
  return checked.ok ? null : (checked.rejection.code as LedgerCode);
}

const ON_CONSORTIUM = 'resource is Consortium';
const forbid = (action: string, condition = 'true', resource = ON_CONSORTIUM): string =>
  `@id("trap") forbid (principal, action${action === '' ? '' : ` == Action::"${action}"`}, ${resource}) when { ${condition} };`;
const SOMEBODY = `Hospital::"${'ab'.repeat(20)}"`;
const numbers = `[${Array.from({ length: 1_000 }, (_, i) => i).join(', ')}]`;
const dear = `${numbers} == ${numbers} && ${numbers} != ${numbers}`;
/** Forty policies that each cost every question some hundred units of gas. */
const heap = Array.from(
  { length: 40 },
  (_, i) =>
    `@id("heap-${i}") forbid (principal, action in [${INALIENABLE_ACTIONS.map((name) => `Action::"${name}"`).join(', ')}], resource) when { ${Array.from({ length: 30 }, () => '1 == 1').join(' && ')} && 1 == 2 };`,
).join('\n');

type Case = readonly [why: string, deploy: string, retire?: readonly string[]];
const cases = (...list: readonly Case[]) => list.map(([why, deploy, retire]) => ({ why, deploy, retire }));

const HOSTILE = cases(
  ['nobody votes any more', '', ['validator-votes']],
  ['nobody proposes any more', '', ['hospital-proposes']],
  ['nobody asks for a new validator key while suspended', '', ['hospital-proposes-own-new-key']],
  ['nobody moves to a new key', '', ['rotate-own-key']],
  ['all is gone', '', standing.slice(0, 64).map(({ id }) => id)],
  ['everything is forbidden', forbid('', 'true', 'resource')],
  ['changing the policies is not proposed', forbid('propose', 'context.change == "changePolicies"')],
  ['changing the policies is not voted on', forbid('vote', 'context.change == "changePolicies"')],
  ['only no is voted', forbid('vote', 'context.choice == "yes"')],
  ['only yes is voted', forbid('vote', 'context.choice == "no"')],
  ['one tier alone votes', forbid('vote', 'principal is Hospital && principal.tier != "tertiary"')],
  ['one tier alone proposes', forbid('propose', 'principal is Hospital && principal.tier == "community"')],
  [
    'a permit is narrowed under its own id',
    `@id("validator-votes") permit (principal is Hospital, action == Action::"vote", ${ON_CONSORTIUM}) when { principal.status == "active" && principal.validator && principal.tier == "tertiary" };`,
  ],
  [
    'a permit asks for what a repeal cannot say',
    `@id("hospital-proposes") permit (principal is Hospital, action == Action::"propose", ${ON_CONSORTIUM}) when { context has name && context.name == "open" };`,
  ],
  ['an error forbids', forbid('propose', '9223372036854775807 + 1 == 0')],
  [
    'a suspended hospital keeps its stolen validator key',
    forbid(
      'propose',
      'context.change == "rotateValidatorKey" && principal is Hospital && principal.status == "suspended"',
    ),
  ],
  ['the others do not vote for a new validator key', forbid('vote', 'context.change == "rotateValidatorKey"')],
  [
    'nobody but oneself votes for a new validator key',
    forbid('vote', 'context.change == "rotateValidatorKey" && context has hospital && context.hospital != principal'),
  ],
  [
    'a suspended person keeps a stolen key',
    forbid('rotateKey', 'principal is Patient && principal.status == "suspended"', 'resource'),
  ],
  [
    'a doctor keeps a stolen key',
    '@id("trap") forbid (principal is Practitioner, action == Action::"rotateKey", resource);',
  ],
  [
    'a hospital that does not validate keeps a stolen key',
    forbid('rotateKey', 'principal is Hospital && !principal.validator', 'resource'),
  ],
  [
    'the standing of a home decides over keys',
    forbid('rotateKey', 'principal is Patient && principal.home.status == "removed"', 'resource'),
  ],
  ['a grant decides over keys', forbid('rotateKey', 'principal is Patient && principal.hasTag("x")', 'resource')],
  [
    'a hidden attribute decides over keys',
    forbid('rotateKey', 'principal is Patient && principal has acting', 'resource'),
  ],
  [
    'the standing of whose key it is decides',
    forbid(
      'vote',
      'context.change == "rotateValidatorKey" && context has hospital && context.hospital.status == "suspended"',
    ),
  ],
  [
    'deciding costs more than a transaction may hold',
    forbid('propose', dear) + forbid('vote', dear).replace('trap', 'trap-2'),
  ],
  ['deciding all questions costs more than proposing pays for', heap],
);

const NAMES: readonly (readonly [why: string, deploy: string])[] = [
  ['in the scope', `@id("trap") forbid (principal == ${SOMEBODY}, action == Action::"vote", resource);`],
  [
    'in the scope, as a home',
    `@id("trap") forbid (principal in ${SOMEBODY}, action == Action::"rotateKey", resource);`,
  ],
  ['in a condition', forbid('vote', `principal == ${SOMEBODY}`)],
  ['in a condition of any action', forbid('', `principal == ${SOMEBODY}`, 'resource')],
  ['by asking for its standing', forbid('propose', `${SOMEBODY}.status == "removed"`)],
  ['as one of a list', forbid('vote', `principal is Hospital && [${SOMEBODY}].contains(principal)`)],
  ['as a patient with a grant', forbid('vote', `Patient::"x".hasTag("y")`)],
  ['deep in what never holds', forbid('vote', `false && (if true then principal == ${SOMEBODY} else false)`)],
];

const HARMLESS = cases(
  ['nothing is changed', ''],
  ['parameters stay as they are', forbid('propose', 'context.change == "setParameter"')],
  ['no validator is removed', forbid('vote', 'context.change == "removeValidator"')],
  [
    'only active hospitals propose, and suspended ones their keys',
    forbid('propose', 'principal is Hospital && principal.status == "removed"'),
  ],
  ['persons do not propose', '@id("trap") forbid (principal is Patient, action == Action::"propose", resource);'],
  [
    'a hospital is named where it decides nothing here',
    `@id("named") permit (principal == ${SOMEBODY}, action == Action::"viewRecord", resource);`,
  ],
  ['policies on records go', '', ['practitioner-registers-under-write-grant']],
  ['a forbid of governance goes', '', ['community-hospitals-do-not-validate']],
);

describe('a change that could lock the consortium out is refused (T-53)', () => {
  it('the shipped constitution leaves the way back open', () => expect(verdict('')).toBeNull());

  it.each(HOSTILE)('$why', ({ deploy, retire }) => expect(verdict(deploy, retire)).toBe('policy.locks-out'));

  it.each(NAMES)('names somebody where that decides over governance or keys: %s', (_why, deploy) =>
    expect(verdict(deploy)).toBe('policy.names-somebody'),
  );

  it.each(HARMLESS)('others pass: $why', ({ deploy, retire }) => expect(verdict(deploy, retire)).toBeNull());
});

describe('groups of actions (E-9)', () => {
  const grouped = SCHEMA.replace(
    'action "propose" appliesTo',
    'action "governing";\naction "propose" in ["governing"] appliesTo',
  );
  const whole = sure(parseSchema(grouped));
  const inGroup = (rest: string) => `@id("trap") forbid (principal, action in Action::"governing", resource)${rest};`;
  const judged = (deploy: string) => {
    const text = sure(composeText(standing, sure(deployedPolicies(deploy)), []));
    return checkConstitution(whole, sure(parsePolicies(text)), sure(namedPolicies(text)));
  };

  it('are seen through: a policy of a group decides over what is in it', () => {
    expect(judged(inGroup(' when { 1 == 2 }'))).toMatchObject({ ok: true });
    expect(judged(inGroup(''))).toMatchObject({ rejection: { code: 'policy.locks-out' } });
    const named = inGroup(` when { principal == ${SOMEBODY} }`);
    expect(judged(named)).toMatchObject({ rejection: { code: 'policy.names-somebody' } });
  });

  it('are parents of their actions as policies of a chain see them', () => {
    const text = `@id("group") forbid (principal, action in Action::"governing", resource);
      @id("all") permit (principal, action, resource);`;
    const ward = new Ward({ schema: grouped, policies: [{ id: 'all', text }] });
    const proposed = ward.propose(1, 'setParameter', { name: 'blockIntervalMs', value: 500 });
    expect(proposed).toMatchObject({ outcome: 'denied', policies: ['group'] });
  });
});

describe('the inalienable questions', () => {
  it('are such as the chain puts: each fits the schema, with every attribute that policies may rely on', () => {
    for (const { principal, action, resource, context, attributes } of INALIENABLE) {
      const declared = schema.actions.get(keyOfUid({ kind: 'entity', type: 'Action', id: action }))?.appliesTo;
      expect(declared?.principals.has(principal.type)).toBe(true);
      expect(declared?.resources.has(resource.type)).toBe(true);
      for (const name of Object.keys(context)) expect(declared?.context.attributes.has(name)).toBe(true);
      const known = schema.entityTypes.get(principal.type)?.attributes.attributes ?? new Map();
      const required = [...known].filter(([, { required }]) => required).map(([name]) => name);
      expect([...attributes.keys()].sort()).toEqual(required.sort());
    }
  });

  it('cover each action for each kind of account, and no two are the same', () => {
    const asked = INALIENABLE.map(({ principal, action }) => `${principal.type} ${action}`);
    expect([...new Set(asked)].sort()).toEqual([
      'Administrator rotateKey',
      'Hospital propose',
      'Hospital rotateKey',
      'Hospital vote',
      'Patient rotateKey',
      'Payer rotateKey',
      'Practitioner rotateKey',
    ]);
    expect([...new Set(INALIENABLE.map(({ action }) => action))].sort()).toEqual([...INALIENABLE_ACTIONS].sort());
    const all = INALIENABLE.map((question) =>
      JSON.stringify(question, (_name, value: unknown) => (value instanceof Map ? [...value] : value)),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

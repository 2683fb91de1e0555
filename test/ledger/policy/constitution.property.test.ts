import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { decide } from '../../../src/ledger/authorize.ts';
import { composeText, deployedPolicies, namedPolicies } from '../../../src/ledger/policy/compose.ts';
import { checkConstitution } from '../../../src/ledger/policy/constitution.ts';
import { checkStrictly, schemaOf } from '../../../src/ledger/policy/schema-of.ts';
import { CONSORTIUM, hospitalUid, participantUid } from '../../../src/ledger/principal.ts';
import { StateOverlay } from '../../../src/ledger/state/overlay.ts';
import { hospitals, participants, policyRows } from '../../../src/ledger/state/tables.ts';
import { TIERS } from '../../../src/ledger/vocabulary.ts';
import { type EntityUid, parsePolicies, type Value } from '../../../src/vm/index.ts';
import { hospitalName, idOf } from '../town.ts';
import { Ward } from './ward.ts';

/*
 * The judge is the chain itself: real rows, the real entities, the real question. Whatever change passes the check, in any state made of
 * these hospitals and people, its repeal is proposed and voted on, and keys are replaced.
 */
const ward = new Ward();
ward.join('the patient', 'patient');
const schema = schemaOf(ward.env);
if (schema === null) throw new Error('this chain has a schema');
const shipped = policyRows.get(ward.tip.view, 'policies')?.text ?? '';
const read = namedPolicies(shipped);
// The others have no say here, and reading them again for each case would take most of the time.
const standing = read.ok ? read.value.filter(({ policy }) => /"(propose|vote|rotateKey)"/.test(policy.text)) : [];

const ATOMS = [
  'context.change == "changePolicies"',
  'context.change == "rotateValidatorKey"',
  'context.change == "setParameter"',
  'context.change == "setHospitalTier"',
  'context has tier',
  'context has name',
  'context has hospital',
  'context has hospital && context.hospital == principal',
  'principal is Hospital',
  'principal is Hospital && principal.validator',
  ...TIERS.map((tier) => `principal is Hospital && principal.tier == "${tier}"`),
  ...['active', 'suspended', 'removed'].map((status) => `principal is Hospital && principal.status == "${status}"`),
  'principal is Patient && principal.home.status == "suspended"',
  'principal is Patient && principal.status == "suspended"',
];
const KEY_ATOMS = ATOMS.filter((atom) => !atom.includes('context'));
const condition = (atoms: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...atoms), fc.boolean(), fc.constantFrom('&&', '&&', '||')), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) =>
      parts.map(([atom, not, join], i) => `${i === 0 ? '' : ` ${join} `}(${not ? `!(${atom})` : atom})`).join(''),
    )
    .map((text) => text.replace(/^(.*) (&&|\|\|) (.*) (&&|\|\|) (.*)$/, '($1 $2 $3) $4 $5'));
const policy = fc
  .tuple(
    fc.constantFrom('forbid', 'forbid', 'forbid', 'permit'),
    fc.constantFrom('propose', 'vote', 'rotateKey'),
    fc.constantFrom(
      'new',
      'new',
      'new',
      'new',
      'hospital-proposes',
      'validator-votes',
      'rotate-own-key',
      'keys-come-from-their-hospital',
    ),
  )
  .chain(([effect, action, id]) =>
    condition(action === 'rotateKey' ? KEY_ATOMS : ATOMS).map(
      (text) => `@id("${id}") ${effect} (principal, action == Action::"${action}", resource) when { ${text} };`,
    ),
  );
const retired = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 1,
    arbitrary: fc.subarray(
      standing.map(({ id }) => id).filter((id) => /propose|vote|rotate|validat/.test(id)),
      { maxLength: 1 },
    ),
  },
);
const world = fc.record({
  standings: fc.array(fc.record({ tier: fc.constantFrom(...TIERS), suspended: fc.boolean() }), {
    minLength: 5,
    maxLength: 5,
  }),
  personSuspended: fc.boolean(),
});

/** The text of the whole set after the change, where the check lets it pass. */
function passed(deploy: string, retire: readonly string[]): string | undefined {
  const deployed = deployedPolicies(deploy);
  if (!deployed.ok) return undefined;
  const fits = checkStrictly(
    schema,
    deployed.value.map(({ policy }) => policy),
  );
  const text = composeText(standing, deployed.value, retire);
  if (!fits.ok || !text.ok || schema === null) return undefined;
  const set = parsePolicies(text.value);
  const after = namedPolicies(text.value);
  if (!set.ok || !after.ok || !checkConstitution(schema, set.value, after.value).ok) return undefined;
  return text.value;
}

interface World {
  readonly standings: readonly { readonly tier: (typeof TIERS)[number]; readonly suspended: boolean }[];
  readonly personSuspended: boolean;
}

function stateOf(text: string, { standings, personSuspended }: World): StateOverlay {
  const state = new StateOverlay(ward.tip.view);
  policyRows.set(state, { version: 2, text }, 'policies');
  for (const [i, { tier, suspended }] of standings.entries()) {
    const id = toHex(idOf(hospitalName(i + 1)));
    const row = hospitals.get(state, id);
    if (row === undefined) throw new Error('every hospital is there');
    const status = suspended ? 'suspended' : 'active';
    hospitals.set(state, { ...row, status, record: { ...row.record, tier } }, id);
  }
  const id = toHex(idOf('the patient'));
  const person = participants.get(state, id);
  if (person === undefined) throw new Error('the patient is there');
  participants.set(state, { ...person, status: personSuspended ? 'suspended' : 'active' }, id);
  return state;
}

function* questions({ standings }: World): Generator<[EntityUid, string, EntityUid, Record<string, Value>]> {
  const hospital = (n: number): EntityUid => hospitalUid(idOf(hospitalName(n)));
  const person = participants.get(ward.tip.view, toHex(idOf('the patient')));
  if (person === undefined) throw new Error('the patient is there');
  const patient = participantUid(person, idOf('the patient'));
  yield [patient, 'rotateKey', patient, {}];
  for (const [i, { suspended }] of standings.entries()) {
    const asker = hospital(i + 1);
    yield [asker, 'rotateKey', asker, {}];
    if (i >= 4) continue; // the fifth does not validate
    yield [asker, 'propose', CONSORTIUM, { change: 'rotateValidatorKey', hospital: asker }];
    if (suspended) continue;
    yield [asker, 'propose', CONSORTIUM, { change: 'changePolicies' }];
    for (const choice of ['yes', 'no']) yield [asker, 'vote', CONSORTIUM, { change: 'changePolicies', choice }];
    for (let other = 1; other <= 4; other++)
      yield [asker, 'vote', CONSORTIUM, { change: 'rotateValidatorKey', hospital: hospital(other), choice: 'yes' }];
  }
}

describe('any change that passes the check (T-53)', () => {
  it('leaves its repeal and the replacement of keys permitted, whatever the state', () => {
    const counts = { passed: 0, refused: 0 };
    fc.assert(
      fc.property(policy, retired, world, (deploy, retire, standings) => {
        const text = passed(deploy, retire);
        if (text === undefined) {
          counts.refused++;
          return;
        }
        counts.passed++;
        const state = stateOf(text, standings);
        for (const [principal, action, resource, context] of questions(standings))
          expect(
            decide(ward.env, state, principal, action, [{ resource, context }], 50_000).allowed,
            `${deploy} ${retire} ${principal.type} ${action} ${JSON.stringify(context, (_, v: unknown) => v)}`,
          ).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(counts.passed).toBeGreaterThan(10);
    expect(counts.refused).toBeGreaterThan(10);
  });
});

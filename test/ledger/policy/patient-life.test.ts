import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { LEDGER_CODES } from '../../../src/ledger/codes.ts';
import { LEDGER_GAS } from '../../../src/ledger/gas.ts';
import { POLICY_LIMITS } from '../../../src/ledger/policy/limits.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { patientPolicies, patientPolicyVersions, patientSets } from '../../../src/ledger/state/tables.ts';
import { hospitalName, idOf } from '../town.ts';
import { DOCTOR_A, OTHER, PATIENT, policyId, Ward } from './ward.ts';

const applied = { outcome: 'applied', code: null };
const forbids = (condition: string, scope = 'principal, action == Action::"readRecord", resource'): string =>
  `forbid (${scope}) when { ${condition} };`;
const NOT_FOR_RESEARCH = forbids('context.purpose == "HRESCH"');
const NOT_FOR_PAYMENT = forbids('context.purpose == "HPAYMT"');

const ward = new Ward();
ward.join(PATIENT, 'patient');
const start = ward.point;
beforeEach(() => ward.back(start));

const patient = toHex(idOf(PATIENT));
const setOf = () => patientSets.get(ward.tip.view, patient)?.policies.map(({ version, text }) => [version, text]) ?? [];
const standing = (name: string) => patientPolicies.get(ward.tip.view, patient, toHex(policyId(name)));
const version = (name: string, n: number) =>
  patientPolicyVersions.get(ward.tip.view, patient, toHex(policyId(name)), String(n))?.text;

describe("a patient's policy (T-41)", () => {
  it('is deployed, amended and retired, each told by an event; every version stays as history', () => {
    const told = (receipt: Receipt, name: string) => {
      expect(receipt).toMatchObject(applied);
      expect(receipt.events).toEqual([{ name, to: idOf(PATIENT), about: policyId('one') }]);
    };
    told(ward.deploy('one', NOT_FOR_RESEARCH), 'PolicyDeployed');
    expect(setOf()).toEqual([[1, NOT_FOR_RESEARCH]]);
    told(ward.amend('one', NOT_FOR_PAYMENT), 'PolicyAmended');
    expect(setOf()).toEqual([[2, NOT_FOR_PAYMENT]]);
    told(ward.retire('one'), 'PolicyRetired');
    expect(setOf()).toEqual([]);
    expect(standing('one')).toEqual({ version: 2, status: 'retired' });
    expect([version('one', 1), version('one', 2)]).toEqual([NOT_FOR_RESEARCH, NOT_FOR_PAYMENT]);
  });

  it('leaves no set behind when the last one is retired: the row is gone', () => {
    ward.deploy('one', NOT_FOR_RESEARCH);
    ward.deploy('two', NOT_FOR_PAYMENT);
    ward.retire('one');
    expect(setOf()).toEqual([[1, NOT_FOR_PAYMENT]]);
    ward.retire('two');
    expect(ward.tip.view.get(patientSets.key(patient))).toBeUndefined();
  });

  it("stands under the sender's id: two patients' policies of one id are two", () => {
    ward.join(OTHER, 'patient');
    ward.deploy('one', NOT_FOR_RESEARCH);
    expect(ward.deploy('one', NOT_FOR_PAYMENT, OTHER)).toMatchObject(applied);
    expect(ward.retire('one', OTHER)).toMatchObject(applied);
    expect(setOf()).toEqual([[1, NOT_FOR_RESEARCH]]);
  });

  it('is deployed by patients alone, as the shared policies say', () => {
    ward.join(DOCTOR_A, 'practitioner');
    for (const by of [DOCTOR_A, hospitalName(1)])
      expect(ward.deploy('one', NOT_FOR_RESEARCH, by)).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
  });

  it('keeps deciding while its patient is suspended, who changes nothing then', () => {
    ward.deploy('one', NOT_FOR_RESEARCH);
    ward.act(hospitalName(1), 'suspend', { participant: idOf(PATIENT) });
    expect(ward.amend('one', NOT_FOR_PAYMENT)).toMatchObject({ outcome: 'denied' });
    expect(ward.retire('one')).toMatchObject({ outcome: 'denied' });
    expect(setOf()).toEqual([[1, NOT_FOR_RESEARCH]]);
  });

  it('is paid by the byte, before it is read', () => {
    const padded = `${NOT_FOR_RESEARCH}${' '.repeat(100)}`;
    const least = ward.deploy('one', NOT_FOR_RESEARCH).gasUsed;
    const wide = ward.deploy('two', padded).gasUsed;
    expect(wide - least).toBe(100 * (LEDGER_GAS.byte + LEDGER_GAS.policyByte));
  });
});

const literals = (count: number): string => Array.from({ length: count }, (_, i) => `"${i}"`).join(', ');
const nested = (depth: number): string =>
  depth <= 3 ? 'context.purpose == "TREAT"' : `if true then ${nested(depth - 1)} else false`;
const fill = (count: number): void => {
  for (let i = 0; i < count; i++) ward.deploy(`number ${i}`, NOT_FOR_RESEARCH);
};

const REFUSED: readonly (readonly [code: string, why: string, scenario: () => Receipt])[] = [
  ['policy.malformed', 'syntax', () => ward.deploy('one', 'forbid (principal, action')],
  ['policy.malformed', 'nothing', () => ward.deploy('one', '')],
  ['policy.malformed', 'two policies', () => ward.deploy('one', NOT_FOR_RESEARCH + NOT_FOR_PAYMENT)],
  [
    'policy.malformed',
    'a template',
    () => ward.deploy('one', 'forbid (principal == ?principal, action == Action::"readRecord", resource);'),
  ],
  ['policy.not-plain', 'a comment', () => ward.deploy('one', `${NOT_FOR_RESEARCH} // because of my illness`)],
  ['policy.not-plain', 'an annotation', () => ward.deploy('one', `@reason("an illness") ${NOT_FOR_RESEARCH}`)],
  ['policy.scope', 'a permit', () => ward.deploy('one', NOT_FOR_RESEARCH.replace('forbid', 'permit'))],
  ['policy.scope', 'any action', () => ward.deploy('one', 'forbid (principal, action, resource);')],
  ['policy.scope', 'no action', () => ward.deploy('one', 'forbid (principal, action in [], resource);')],
  ...['grant', 'propose', 'viewRecord', 'amendRecord', 'closeReview'].map(
    (action) =>
      [
        'policy.scope',
        action,
        () =>
          ward.deploy('one', `forbid (principal, action in [Action::"readRecord", Action::"${action}"], resource);`),
      ] as const,
  ),
  ['policy.too-deep', 'nesting', () => ward.deploy('one', forbids(nested(POLICY_LIMITS.patientDepthMax + 1)))],
  [
    'policy.too-many-literals',
    'many literals',
    () => ward.deploy('one', forbids(`[${literals(POLICY_LIMITS.patientLiteralsMax)}].contains(context.purpose)`)),
  ],
  [
    'policy.too-many-literals',
    'a long literal',
    () => ward.deploy('one', forbids(`context.purpose == "${'x'.repeat(POLICY_LIMITS.patientLiteralTextMax + 1)}"`)),
  ],
  ['policy.invalid', 'an attribute that is none', () => ward.deploy('one', forbids('context.illness == "x"'))],
  ['policy.invalid', 'a condition that is no boolean', () => ward.deploy('one', forbids('1 + 1'))],
  ['policy.invalid', 'a type that is none', () => ward.deploy('one', forbids('principal == Doctor::"x"'))],
  [
    'policy.exists',
    'an id in use',
    () => {
      ward.deploy('one', NOT_FOR_RESEARCH);
      return ward.deploy('one', NOT_FOR_PAYMENT);
    },
  ],
  [
    'policy.exists',
    'an id of the past',
    () => {
      ward.deploy('one', NOT_FOR_RESEARCH);
      ward.retire('one');
      return ward.deploy('one', NOT_FOR_PAYMENT);
    },
  ],
  ['policy.unknown', 'amending nothing', () => ward.amend('one', NOT_FOR_PAYMENT)],
  ['policy.unknown', 'retiring nothing', () => ward.retire('one')],
  [
    'policy.unknown',
    'amending what is retired',
    () => {
      ward.deploy('one', NOT_FOR_RESEARCH);
      ward.retire('one');
      return ward.amend('one', NOT_FOR_PAYMENT);
    },
  ],
  [
    'policy.too-many',
    'one more than a set holds',
    () => {
      fill(POLICY_LIMITS.patientPoliciesMax);
      return ward.deploy('one more', NOT_FOR_RESEARCH);
    },
  ],
];

describe('deploying fails with a code, and changes nothing (T-42, T-43)', () => {
  it.each(REFUSED)('%s: %s', (code, _why, scenario) => {
    expect(scenario()).toMatchObject({ outcome: 'failed', code, events: [] });
    expect(patientSets.get(ward.tip.view, patient)?.policies.some(({ text }) => text === '')).not.toBe(true);
  });

  it('takes what is just within the limits', () => {
    const { patientDepthMax, patientLiteralsMax, patientLiteralTextMax, patientPolicyBytesMax } = POLICY_LIMITS;
    // The action of the scope is a literal too.
    const many = forbids(`[${literals(patientLiteralsMax - 1)}].contains(context.purpose)`);
    const long = forbids(`context.purpose == "${'x'.repeat(patientLiteralTextMax)}"`);
    const whole = NOT_FOR_RESEARCH.padEnd(patientPolicyBytesMax);
    for (const [i, text] of [forbids(nested(patientDepthMax)), many, long, whole].entries())
      expect(ward.deploy(`${i}`, text)).toMatchObject(applied);
    fill(POLICY_LIMITS.patientPoliciesMax - 4);
    expect(setOf()).toHaveLength(POLICY_LIMITS.patientPoliciesMax);
  });

  it.each([
    ['one byte too many', NOT_FOR_RESEARCH.padEnd(POLICY_LIMITS.patientPolicyBytesMax + 1)],
    ['a letter beyond ASCII', forbids('context.purpose == "é"')],
    ['a control character', `${NOT_FOR_RESEARCH}\u0000`],
  ])('is refused at the door: %s', (_why, text) => {
    expect(ward.seal([ward.sign(PATIENT, 'deployPolicy', { policy: policyId('one'), text })])).toEqual([]);
  });

  it('reaches every code of a deployment', () => {
    const others = ['denied', 'out-of-gas', 'patient-out-of-gas', 'too-large', 'no-schema', 'no-id', 'stale'];
    const governance = [...others, 'names-somebody', 'locks-out'].map((reason) => `policy.${reason}`);
    const all = Object.keys(LEDGER_CODES).filter((code) => code.startsWith('policy.') && !governance.includes(code));
    expect([...new Set(REFUSED.map(([code]) => code))].sort()).toEqual(all.sort());
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { type AskedDecision, authorizeView, decide } from '../../../src/ledger/authorize.ts';
import { couldRead } from '../../../src/ledger/can/could-read.ts';
import type { LedgerEnv } from '../../../src/ledger/chain.ts';
import { LEDGER_GAS } from '../../../src/ledger/gas.ts';
import { createEnv } from '../../../src/ledger/genesis.ts';
import { POLICY_LIMITS } from '../../../src/ledger/policy/limits.ts';
import { patientSets } from '../../../src/ledger/state/tables.ts';
import { RecordingState } from '../../../src/protocol/offline/witness.ts';
import { entity } from '../../../src/vm/index.ts';
import { expectApplied, hospitalName, idOf, primitives } from '../town.ts';
import { DOCTOR_A, DOCTOR_B, grantTo, OTHER, openWard, PATIENT, policyName, record, uid } from './ward.ts';

const applied = { outcome: 'applied', code: null };
const denied = { outcome: 'denied', code: 'policy.denied', policies: [] };
const forbid = (action: string, condition = 'true', principal = 'principal'): string =>
  `forbid (${principal}, action == Action::"${action}", resource) when { ${condition} };`;
const NO_READS = forbid('readRecord');
const patientKey = patientSets.key(toHex(idOf(PATIENT)));

const ward = openWard();
const start = ward.point;
beforeEach(() => ward.back(start));

/** The decision over a read, as on the tip, for whoever is asked about. */
const ask = (by: string, gasLimit = 100_000, env: LedgerEnv = ward.env): AskedDecision => {
  const grantKey = `person:${toHex(idOf(by))}:${toHex(ward.category(PATIENT))}`;
  const context = { purpose: 'TREAT', grantKey, nowMs: BigInt(ward.tip.header.timestampMs) };
  const asked = { resource: entity('Record', toHex(record(PATIENT))), context, grantKey };
  return decide(env, ward.tip.view, entity('Practitioner', toHex(idOf(by))), 'readRecord', [asked], gasLimit);
};
const coldEnv = (): LedgerEnv => createEnv(primitives, { genesis: ward.env.genesis, chainId: ward.env.chainId });

describe("a patient's set (T-44)", () => {
  it('denies what a grant permits, from the next transaction on, until it is amended or retired', () => {
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(applied);
    ward.deploy('one', forbid('readRecord', 'true', `principal == ${uid('Practitioner', DOCTOR_A)}`));
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(denied);
    expect(ward.read(DOCTOR_B, PATIENT)).toMatchObject(applied);
    ward.amend('one', forbid('readRecord', 'true', `principal == ${uid('Practitioner', DOCTOR_B)}`));
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(applied);
    expect(ward.read(DOCTOR_B, PATIENT)).toMatchObject(denied);
    ward.retire('one');
    expect(ward.read(DOCTOR_B, PATIENT)).toMatchObject(applied);
  });

  it("speaks of that patient's records by construction: whatever it says, others are read as before", () => {
    ward.deploy('all', 'forbid (principal, action in [Action::"readRecord", Action::"requestAccess"], resource);');
    expect(ward.read(DOCTOR_A, OTHER)).toMatchObject(applied);
    expect(ward.request(DOCTOR_A, OTHER)).toMatchObject(applied);
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(denied);
    expect(ward.request(DOCTOR_A, PATIENT)).toMatchObject(denied);
    const named = `forbid (principal, action == Action::"readRecord", resource == Record::"${toHex(record(PATIENT))}");`;
    ward.deploy('foreign', named, OTHER);
    ward.retire('all');
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(applied);
  });

  it('is not asked about the patient himself, who always reads', () => {
    ward.deploy('one', NO_READS);
    expect(ward.read(PATIENT, PATIENT)).toMatchObject({ ...applied, policies: ['patient-reads-own-record'] });
  });

  it('is not asked about break glass, which is a read for BTG', () => {
    ward.openDesk(hospitalName(1));
    const grantee = { type: 'desk' as const, id: toHex(idOf(hospitalName(1))) };
    grantTo(ward, PATIENT, 'the desk', { grantee, purposes: ['BTG'] });
    grantTo(ward, PATIENT, DOCTOR_A, {});
    ward.deploy('one', NO_READS);
    expect(ward.read(DOCTOR_A, PATIENT, 'BTG')).toMatchObject({ ...applied, policies: ['practitioner-breaks-glass'] });
    expect(ward.read(DOCTOR_A, PATIENT, 'TREAT')).toMatchObject(denied);
  });

  it.each(['governance', 'accounts', 'records', 'consent', 'views'])('is not asked about %s', (what) => {
    ward.deploy('one', 'forbid (principal, action in [Action::"readRecord", Action::"requestAccess"], resource);');
    const asked: string[] = [];
    const note = (key: string): string => {
      asked.push(key);
      return key;
    };
    const { view } = ward.tip;
    ward.tip = { ...ward.tip, view: { ...view, get: (key) => view.get(note(key)) } };
    const acts: Record<string, () => unknown> = {
      governance: () => ward.pass(1, 'setParameter', { name: 'blockIntervalMs', value: 500 }, [1, 2, 3]),
      accounts: () => ward.act(hospitalName(1), 'suspend', { participant: idOf(PATIENT) }),
      records: () => ward.act(PATIENT, 'registerRecord', ward.recordPayload(PATIENT, 'another')),
      consent: () => ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, DOCTOR_A)),
      views: () =>
        authorizeView(ward.env, ward.tip.view, ward.tip.header.timestampMs, {
          keyAddress: idOf(PATIENT),
          action: 'viewRecord',
          resource: { type: 'Record', id: record(PATIENT) },
        }),
    };
    acts[what]?.();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((key) => key.startsWith('patient-policies/'))).toEqual([]);
  });

  it('permits nothing: without a grant the answer is the same, and the set is not even looked at', () => {
    ward.join('Dr C', 'practitioner');
    const state = new RecordingState(ward.tip.view);
    const about = { principal: idOf('Dr C'), record: record(PATIENT), purpose: 'TREAT' as const };
    expect(couldRead(ward.env, state, ward.tip.header, about).allowed).toBe(false);
    expect(state.keys).not.toContain(patientKey);
  });

  it('is asked for each grant apart: what one is forbidden, another may still open', () => {
    const hospital = { type: 'hospital' as const, id: toHex(idOf(hospitalName(1))) };
    grantTo(ward, PATIENT, DOCTOR_A, { grantee: hospital });
    ward.deploy('one', forbid('readRecord', 'context.grantKey like "person:*"'));
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(applied);
    expect(ward.read(DOCTOR_B, PATIENT)).toMatchObject(denied);
  });
});

describe('what a set can look at (T-45)', () => {
  const reads = (condition: string): string => {
    expectApplied(ward.deploy(condition, forbid('readRecord', condition)));
    const { outcome } = ward.read(DOCTOR_A, PATIENT);
    ward.retire(condition);
    return outcome;
  };

  it("is the standing of persons and hospitals, and the patient's own grants and records", () => {
    expect(reads('principal.status == "suspended"')).toBe('applied');
    expect(reads('principal.status == "active"')).toBe('denied');
    expect(reads('principal is Practitioner && principal.home.tier == "community"')).toBe('applied');
    expect(reads('resource.label == "V"')).toBe('applied');
    expect(
      reads('resource.owner.hasTag(context.grantKey) && resource.owner.getTag(context.grantKey).usesLeft == 0'),
    ).toBe('applied');
    expect(reads(`Record::"${toHex(record(PATIENT))}" has label`)).toBe('denied');
  });

  it('is no grant and no record of another patient: they are as if they were not there, so an answer tells nothing of them', () => {
    const other = uid('Patient', OTHER);
    const grantKey = `person:${toHex(idOf(DOCTOR_A))}:${toHex(ward.category(OTHER))}`;
    expect(reads(`${other}.hasTag("${grantKey}")`)).toBe('applied');
    expect(reads(`${other}.hasTag("nothing")`)).toBe('applied');
    expect(reads(`Record::"${toHex(record(OTHER))}" has label`)).toBe('applied');
    expect(reads(`${other}.status == "active"`)).toBe('denied');
  });
});

describe('a verdict (T-46)', () => {
  it('denies where a policy errs, and says so to the patient alone', () => {
    expectApplied(ward.deploy('two', forbid('readRecord', '9223372036854775807 + 1 == 0')));
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(denied);
    expect(ward.trails().get(toHex(idOf(PATIENT)))?.policies).toContain(policyName('two'));
  });

  /** What reading the patient's set costs: the started kibibytes of its row. */
  const priceOfRow = (): number => {
    const row = ward.tip.view.get(patientSets.key(toHex(idOf(PATIENT))));
    return LEDGER_GAS.patientSetKib * Math.ceil((row?.length ?? 0) / 1_024);
  };

  // Each comparison reads three entities.
  const DEAR = forbid('readRecord', `${'resource.owner.home.tier == context.purpose || '.repeat(20)}false`);

  it("has gas of the patient's own: when it ends, the request is denied, and pays for no more (G-10)", () => {
    const before = ask(DOCTOR_A).gasUsed;
    for (let i = 0; i < POLICY_LIMITS.patientPoliciesMax; i++) expectApplied(ward.deploy(`${i}`, DEAR));
    const answer = ask(DOCTOR_A);
    expect(answer).toMatchObject({ allowed: false, outOfGas: false, reasons: [] });
    expect(answer.objection).toEqual({ policies: [], outOfGas: true });
    expect(answer.gasUsed).toBe(before + POLICY_LIMITS.patientGasMax + priceOfRow());
    expect(ward.read(DOCTOR_A, PATIENT)).toMatchObject(denied);
    expect(ward.trails().get(toHex(idOf(PATIENT)))?.code).toBe('policy.patient-out-of-gas');
    expect(ward.trails().get(toHex(idOf(DOCTOR_A)))?.code).toBe('policy.denied');
  });

  it("is one for all grants that are asked about: the patient's gas is not spent twice", () => {
    for (let i = 0; i < 6; i++) expectApplied(ward.deploy(`${i}`, DEAR));
    ward.deploy('person', forbid('readRecord', 'context.grantKey like "person:*"'));
    const hospital = { type: 'hospital' as const, id: toHex(idOf(hospitalName(1))) };
    grantTo(ward, PATIENT, DOCTOR_A, { grantee: hospital });
    const receipt = ward.read(DOCTOR_A, PATIENT);
    expect(receipt).toMatchObject(denied);
    expect(receipt.gasUsed).toBeGreaterThan(POLICY_LIMITS.patientGasMax);
    expect(ward.trails().get(toHex(idOf(PATIENT)))?.code).toBe('policy.patient-out-of-gas');
  });

  it('is the same whatever the transaction has left beyond it, and out of gas where that does not reach', () => {
    ward.deploy('one', forbid('readRecord', 'principal.status == "suspended"'));
    const full = ask(DOCTOR_A);
    expect(full).toMatchObject({ allowed: true, outOfGas: false });
    expect(ask(DOCTOR_A, full.gasUsed)).toEqual(full);
    for (let gas = full.gasUsed - 1; gas > full.gasUsed - 60; gas--)
      expect(ask(DOCTOR_A, gas)).toMatchObject({
        allowed: false,
        outOfGas: true,
        gasUsed: gas,
        reasons: [],
        objection: null,
      });
  });

  it('costs one absent row where a patient has no policies, and its own evaluation where he has some', () => {
    const before = ask(DOCTOR_A);
    const alone = LEDGER_GAS.patientSet;
    ward.deploy('one', forbid('requestAccess'));
    const skipped = ask(DOCTOR_A);
    ward.deploy('two', forbid('readRecord', 'false'));
    const asked = ask(DOCTOR_A);
    expect(before.gasUsed).toBeGreaterThan(alone);
    expect(skipped.gasUsed - before.gasUsed).toBe(LEDGER_GAS.patientSetKib + 10);
    expect(asked.gasUsed - before.gasUsed).toBe(LEDGER_GAS.patientSetKib + 10 + 10 + 1);
  });

  it('is paid for by the length of its text, though none of it is evaluated: reading it is most of the work (G-10)', () => {
    const before = ask(DOCTOR_A).gasUsed;
    const long = forbid('requestAccess', `${'context.purpose == "TREAT" || '.repeat(30)}true`);
    for (let i = 0; i < POLICY_LIMITS.patientPoliciesMax; i++) expectApplied(ward.deploy(`${i}`, long));
    const evaluated = 10 * POLICY_LIMITS.patientPoliciesMax;
    const read = ask(DOCTOR_A).gasUsed - before - evaluated;
    expect(read).toBe(priceOfRow());
    expect(read).toBeGreaterThan(10_000);
  });

  it('reads the row of the set once, absent or not, and no other row of policies', () => {
    for (const text of [null, NO_READS]) {
      if (text !== null) ward.deploy('one', text);
      const state = new RecordingState(ward.tip.view);
      couldRead(ward.env, state, ward.tip.header, {
        principal: idOf(DOCTOR_A),
        record: record(PATIENT),
        purpose: 'TREAT',
      });
      expect([...state.keys].filter((key) => key.startsWith('patient-'))).toEqual([patientKey]);
    }
  });

  it('does not depend on what was compiled before (G-10): the same answer and gas from a cold start, a warm one, and a stale one', () => {
    ward.deploy('one', forbid('readRecord', 'context.purpose == "HRESCH"'));
    const [cold, warm] = [ask(DOCTOR_A, 100_000, coldEnv()), ask(DOCTOR_A)];
    expect(warm).toEqual(cold);
    expect(ask(DOCTOR_A)).toEqual(cold);
    ward.amend('one', NO_READS);
    const stale = ask(DOCTOR_A);
    expect(stale).toMatchObject({ allowed: false });
    expect(ask(DOCTOR_A, 100_000, coldEnv())).toEqual(stale);
  });
});

describe('who learns of it (T-47)', () => {
  it('the receipt is that of a read without a grant: same code, no policy', () => {
    ward.deploy('one', NO_READS);
    const forbidden = ward.read(DOCTOR_A, PATIENT);
    ward.join('Dr C', 'practitioner');
    const ungranted = ward.read('Dr C', PATIENT);
    const shown = ({ outcome, code, policies, events }: typeof forbidden) => ({ outcome, code, policies, events });
    expect(shown(forbidden)).toEqual(shown(ungranted));
  });

  it("the patient's trail names his policies, the requester's trail does not", () => {
    ward.deploy('one', NO_READS);
    ward.deploy('two', forbid('readRecord', 'context.purpose == "TREAT"'));
    ward.read(DOCTOR_A, PATIENT);
    const line = { kind: 'readRecord', outcome: 'denied', code: 'policy.denied' };
    const own = [policyName('one'), policyName('two')].sort();
    expect(ward.trails().get(toHex(idOf(PATIENT)))).toMatchObject({ ...line, policies: own });
    expect(ward.trails().get(toHex(idOf(DOCTOR_A)))).toMatchObject({ ...line, policies: [] });
  });
});

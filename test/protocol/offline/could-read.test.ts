import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { couldRead } from '../../../src/ledger/can/could-read.ts';
import { createEnv, renderGenesis } from '../../../src/ledger/genesis.ts';
import { patientSets } from '../../../src/ledger/state/tables.ts';
import type { Purpose } from '../../../src/ledger/vocabulary.ts';
import { PROOF_LIMITS } from '../../../src/protocol/offline/limits.ts';
import { makeStatement } from '../../../src/protocol/offline/make-proof.ts';
import { encodeProofFile, type Statement } from '../../../src/protocol/offline/proof-file.ts';
import { createProofVerifier } from '../../../src/protocol/offline/verify-proof.ts';
import { proveRows, RecordingState, type WitnessRow } from '../../../src/protocol/offline/witness.ts';
import { genesisSigners } from '../../ledger/governance/council.ts';
import { DOCTOR_A, DOCTOR_B, OTHER, openWard, PATIENT, policyName, record, uid } from '../../ledger/policy/ward.ts';
import { hospitalName, idOf, primitives } from '../../ledger/town.ts';

/** A chain with a schema, patients' own policies, and quorums of its validators. */
const ward = openWard();
const start = ward.point;
beforeEach(() => ward.back(start));

const made = createProofVerifier(primitives, renderGenesis(ward.env.genesis));
if (!made.ok) throw new Error(made.rejection.code);
const verifyBytes = made.value;

/** What a verifier says who knows the genesis: the sentence, or the field and the code. */
function checked(statement: Statement): string {
  const { statements, ...verdict } = verifyBytes(encodeProofFile(ward.env.chainId, [statement]));
  return verdict.verdict === 'holds' ? (statements[0]?.text ?? '') : `${verdict.field}: ${verdict.code}`;
}

const sealed = () => ({ header: ward.tip.header, certificate: ward.certificate(genesisSigners(1, 2, 3)) });

function statementOf(by: string, of: string, purpose: Purpose, allowed: boolean): Statement {
  const about = { principal: idOf(by), record: record(of), purpose, allowed };
  const statement = makeStatement(ward.env, sealed(), ward.tip.view, 'couldRead', about);
  if (!statement.ok) throw new Error(statement.rejection.code);
  return statement.value;
}

/** The row of any key, proven in the same state. */
function rowOf(key: string): WitnessRow {
  const rows = proveRows(primitives, ward.tip.view, [key]);
  if (!rows.ok) throw new Error(rows.rejection.code);
  return rows.value[0] as WitnessRow;
}

/** One bit of what it rests on turned. */
function otherProof({ proof: { siblings, leaf } }: WitnessRow): WitnessRow['proof'] {
  const [first, ...rest] = siblings;
  if (first === undefined) throw new Error('a state of many rows has a sibling for each');
  return { siblings: [first.with(0, (first[0] as number) ^ 1) as typeof first, ...rest], leaf };
}

const forbidDoctorA = (): void => {
  ward.deploy(
    'one',
    `forbid (principal == ${uid('Practitioner', DOCTOR_A)}, action == Action::"readRecord", resource);`,
  );
};

/** One of each kind of answer: permitted, permitted beside an objection to others, denied by the patient, without a grant, unknown. */
const STATEMENTS: readonly (readonly [name: string, make: () => Statement])[] = [
  ['could', () => statementOf(DOCTOR_A, PATIENT, 'TREAT', true)],
  [
    'could, asked beside a policy of the patient against another',
    () => {
      forbidDoctorA();
      return statementOf(DOCTOR_B, PATIENT, 'TREAT', true);
    },
  ],
  [
    'could not, for a policy of the patient',
    () => {
      forbidDoctorA();
      return statementOf(DOCTOR_A, PATIENT, 'TREAT', false);
    },
  ],
  ['could not, for the purpose', () => statementOf(DOCTOR_A, PATIENT, 'HRESCH', false)],
  ['could not, being nobody', () => statementOf('a stranger', PATIENT, 'TREAT', false)],
  ['could not, as there is no such record', () => statementOf(DOCTOR_A, 'nobody', 'TREAT', false)],
];

describe.each(STATEMENTS)('the statement "%s"', (name, make) => {
  it('holds with the genesis alone, in words', () => {
    expect(checked(make())).toContain(name.startsWith('could not') ? 'could not read record' : 'could read record');
  });

  it('is refused without any one of its rows', () => {
    const statement = make();
    expect(statement.rows.length).toBeGreaterThan(4);
    for (const [index] of statement.rows.entries())
      expect(checked({ ...statement, rows: statement.rows.toSpliced(index, 1) })).toBe(
        'statements[0].rows: offline.witness-incomplete',
      );
  });

  it('is refused where any one of its rows is altered, taken away, made up, or of another key', () => {
    const statement = make();
    for (const [index, row] of statement.rows.entries()) {
      const other = rowOf(`nonce/${toHex(idOf(index % 2 === 0 ? PATIENT : 'a stranger'))}`);
      const bytes = row.value ?? Uint8Array.of(0xf6);
      const values =
        row.value === null ? [bytes] : [null, bytes.slice(1), bytes.with(-1, (bytes.at(-1) as number) ^ 1)];
      for (const changed of [...values.map((value) => ({ ...row, value })), { ...row, proof: otherProof(row) }]) {
        const answer = checked({ ...statement, rows: statement.rows.with(index, changed) });
        expect(answer).toMatch(
          new RegExp(`^statements\\[0\\]\\.rows\\[${index}\\]: (offline\\.value-differs|state-proof\\.)`),
        );
      }
      const renamed = { ...row, key: other.key };
      expect(checked({ ...statement, rows: statement.rows.with(index, renamed) })).toMatch(/^statements\[0\]\.rows\[/);
    }
  });

  it('is refused with a true row too many, or one shown twice', () => {
    const statement = make();
    const at = statement.rows.length;
    const superfluous = `statements[0].rows[${at}]: offline.witness-superfluous`;
    for (const key of [`nonce/${toHex(idOf(PATIENT))}`, `record/${toHex(record(OTHER))}`, 'grant/none'])
      expect(checked({ ...statement, rows: [...statement.rows, rowOf(key)] })).toBe(superfluous);
    for (const row of statement.rows)
      expect(checked({ ...statement, rows: [...statement.rows, row] })).toBe(superfluous);
  });

  it('is refused when it says the opposite', () => {
    const statement = make();
    const about = { ...statement.about, allowed: statement.about.allowed !== true };
    expect(checked({ ...statement, about })).toBe('statements[0].about: offline.statement-false');
  });
});

describe('the witness', () => {
  it("holds the policies, the schema's hash, and the patient's own set where that was asked", () => {
    forbidDoctorA();
    const keys = statementOf(DOCTOR_A, PATIENT, 'TREAT', false).rows.map(({ key }) => key);
    const own = patientSets.key(toHex(idOf(PATIENT)));
    for (const key of ['consortium/policies', 'consortium/schema', 'consortium/parameters', own])
      expect(keys).toContain(key);
    const without = statementOf(DOCTOR_A, PATIENT, 'HRESCH', false).rows.map(({ key }) => key);
    expect(without).not.toContain(own);
  });

  it('does not name the policy by which the patient had it denied', () => {
    forbidDoctorA();
    expect(checked(statementOf(DOCTOR_A, PATIENT, 'TREAT', false))).toContain('no policy permitted it');
    expect(checked(statementOf(DOCTOR_A, PATIENT, 'TREAT', false))).not.toContain(policyName('one'));
  });

  it('is the same whatever was decided before', () => {
    const about = { principal: idOf(DOCTOR_A), record: record(PATIENT), purpose: 'TREAT' as const };
    const keysOf = (env: typeof ward.env): readonly string[] => {
      const state = new RecordingState(ward.tip.view);
      couldRead(env, state, ward.tip.header, about);
      return [...state.keys];
    };
    const cold = createEnv(primitives, { genesis: ward.env.genesis, chainId: ward.env.chainId });
    keysOf(ward.env);
    expect(keysOf(cold)).toEqual(keysOf(ward.env));
  });

  it('leaves room in a proof file for a reader with every kind of grant', () => {
    for (const grantee of [
      { type: 'hospital' as const, id: toHex(idOf(hospitalName(1))) },
      { type: 'role' as const, id: 'practitioner' },
    ])
      ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, DOCTOR_A, { grantee, purposes: ['BTG'] }));
    expect(statementOf(DOCTOR_A, PATIENT, 'HRESCH', false).rows.length).toBeLessThan(PROOF_LIMITS.rowsMax / 2);
  });

  it('is none where the state binds another schema than the genesis holds', () => {
    const about = { principal: idOf(DOCTOR_A), record: record(PATIENT), purpose: 'TREAT' as const, allowed: true };
    const { schema, ...without } = ward.env.genesis;
    for (const genesis of [without, { ...without, schema: `${schema} ` }]) {
      const env = createEnv(primitives, { genesis, chainId: ward.env.chainId });
      expect(makeStatement(env, sealed(), ward.tip.view, 'couldRead', about)).toMatchObject({
        rejection: { code: 'offline.schema-differs' },
      });
    }
  });
});

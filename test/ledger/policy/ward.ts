import { readFileSync } from 'node:fs';
import { toHex } from '../../../src/base/bytes.ts';
import { type AuditLine, decodeAuditLine } from '../../../src/ledger/audit.ts';
import type { Payload } from '../../../src/ledger/families/payloads.ts';
import type { Genesis } from '../../../src/ledger/genesis.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import type { Purpose } from '../../../src/ledger/vocabulary.ts';
import { Council, councilGenesis } from '../governance/council.ts';
import { expectApplied, hash, hospitalName, idOf, publicOf } from '../town.ts';

export const PATIENT = 'the patient';
export const OTHER = 'another patient';
export const DOCTOR_A = 'Dr A';
export const DOCTOR_B = 'Dr B';

const schemaFile = new URL('../../../policies/carechain.cedarschema', import.meta.url);
export const SCHEMA = readFileSync(schemaFile, 'utf8');

export const record = (name: string): Uint8Array => hash(`record ${name}`);
export const policyId = (name: string): Uint8Array => hash(`policy ${name}`).slice(0, 16);
export const policyName = (name: string): string => `patient:${toHex(policyId(name))}`;
export const uid = (type: string, name: string): string => `${type}::"${toHex(idOf(name))}"`;

/** A consortium whose chain has a schema: with people, records and grants once `openWard` was there. */
export class Ward extends Council {
  constructor(genesis: Partial<Genesis> = {}) {
    const plan = { validators: 4, followers: 1 };
    super({ ...plan, genesis: { ...councilGenesis(plan), schema: SCHEMA, ...genesis } });
  }

  deploy(name: string, text: string, by = PATIENT): Receipt {
    return this.act(by, 'deployPolicy', { policy: policyId(name), text });
  }

  amend(name: string, text: string, by = PATIENT): Receipt {
    return this.act(by, 'amendPolicy', { policy: policyId(name), text });
  }

  retire(name: string, by = PATIENT): Receipt {
    return this.act(by, 'retirePolicy', { policy: policyId(name) });
  }

  request(by: string, name: string, purpose: Purpose = 'TREAT'): Receipt {
    const ask = { record: record(name), doctorPublicKey: publicOf(by), purpose, oraclesMin: 1, oraclesMax: 3 };
    return this.act(by, 'requestAccess', ask);
  }

  /** `receipt`'s last lines in the trails, by whose they are. */
  trails(): ReadonlyMap<string, AuditLine> {
    const lines = new Map<string, AuditLine>();
    for (const { subject, entry } of this.last.execution.audit) {
      const read = decodeAuditLine(entry);
      if (read.ok) lines.set(toHex(subject), read.value);
    }
    return lines;
  }

  /** The value of a `changePolicies` over the standing version, from the first height that it may have. */
  policyChange(change: Partial<PolicyChange>): PolicyChange {
    const activationHeight = this.height + 20;
    return { base: 1, deploy: '', retire: [], activationHeight, ...change };
  }
}

export interface PolicyChange {
  readonly base: number;
  readonly deploy: string;
  readonly retire: readonly string[];
  readonly activationHeight: number;
}

/** Two patients with a record each, and grants of both to two doctors of two hospitals. */
export function openWard(ward = new Ward()): Ward {
  ward.join(PATIENT, 'patient');
  ward.join(OTHER, 'patient');
  ward.join(DOCTOR_A, 'practitioner');
  ward.join(DOCTOR_B, 'practitioner', hospitalName(2));
  for (const patient of [PATIENT, OTHER]) {
    ward.openCategory(patient);
    expectApplied(ward.act(patient, 'registerRecord', ward.recordPayload(patient, patient)));
    for (const doctor of [DOCTOR_A, DOCTOR_B])
      expectApplied(ward.act(patient, 'grant', ward.grantPayload(patient, doctor)));
  }
  return ward;
}

export const grantTo = (ward: Ward, by: string, grantee: string, change: Partial<Payload<'grant'>>): void =>
  expectApplied(ward.act(by, 'grant', ward.grantPayload(by, grantee, change)));

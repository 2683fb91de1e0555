import { toHex } from '../../base/bytes.ts';
import { type AuthorizationRequest, authorize, type EntityReader, type EntityUid } from '../../vm/index.ts';
import type { LedgerEnv } from '../chain.ts';
import { LEDGER_GAS } from '../gas.ts';
import { uidOf } from '../principal.ts';
import type { StateReader } from '../state/table.ts';
import { records } from '../state/tables.ts';
import { POLICY_LIMITS } from './limits.ts';
import { entitiesForPatient } from './patient-entities.ts';
import { PATIENT_ACTIONS } from './patient-form.ts';
import { patientSetIn, patientSetRow } from './patient-set.ts';

/** Why a record's patient had it denied: for his own trail and nobody else's (T-47). */
export interface PatientObjection {
  /** His policies that held, or erred; sorted by bytes. Empty where his gas ended before they had decided. */
  readonly policies: readonly string[];
  readonly outOfGas: boolean;
}

interface Answer {
  readonly objection: PatientObjection | null;
  /** What asking cost the transaction. */
  readonly gasUsed: number;
  /** The transaction's own gas ended. */
  readonly outOfGas: boolean;
}

const NO_OBJECTION: Answer = { objection: null, gasUsed: 0, outOfGas: false };

/** A set is paid for as one never seen before (G-10): reading and compiling it is most of the work, however little it then decides. */
const priceOf = (row: Uint8Array | undefined): number =>
  LEDGER_GAS.patientSet + LEDGER_GAS.patientSetKib * Math.ceil((row?.length ?? 0) / 1_024);

/**
 * The policies of the patient whose record a transaction is about, asked after the consortium's have permitted it (T-44). Which set
 * speaks is read from the record's row: there is no way to ask it of another's.
 */
export class PatientVoice {
  readonly #env: LedgerEnv;
  readonly #state: StateReader;
  readonly #entities: EntityReader;
  /** Of the patient's own budget. */
  #gasLeft: number = POLICY_LIMITS.patientGasMax;
  #lookedUp = false;

  constructor(env: LedgerEnv, state: StateReader, entities: EntityReader) {
    this.#env = env;
    this.#state = state;
    this.#entities = entities;
  }

  /** `gas`: what the transaction has left. */
  ask(request: AuthorizationRequest, gas: number): Answer {
    const patient = this.#patientOf(request);
    if (patient === undefined) return NO_OBJECTION;
    const row = patientSetRow(this.#state, patient.id);
    const price = this.#lookedUp ? 0 : priceOf(row);
    this.#lookedUp = true;
    if (price > gas) return { objection: null, gasUsed: gas, outOfGas: true };
    if (row === undefined) return { ...NO_OBJECTION, gasUsed: price };
    const set = patientSetIn(this.#env.patientSets, this.#state, patient.id, row);

    const most = Math.min(this.#gasLeft, gas - price);
    const decided = authorize(set, request, entitiesForPatient(this.#entities, patient), most);
    this.#gasLeft -= decided.gasUsed;
    const gasUsed = price + decided.gasUsed;
    if (decided.outOfGas) {
      // Whose gas ended first: the transaction's, which uses up its whole limit, or the patient's, which only denies.
      if (this.#gasLeft > 0) return { objection: null, gasUsed, outOfGas: true };
      return { objection: { policies: [], outOfGas: true }, gasUsed, outOfGas: false };
    }
    const policies = [...new Set([...decided.reasons, ...decided.errors.map(({ policyId }) => policyId)])].sort();
    return { objection: policies.length > 0 ? { policies, outOfGas: false } : null, gasUsed, outOfGas: false };
  }

  /** Nobody is asked about his own requests, and nobody's set stands in the way of break glass, which is a read for BTG (T-44). */
  #patientOf({ principal, action, resource, context }: AuthorizationRequest): EntityUid | undefined {
    if (!PATIENT_ACTIONS.has(action.id) || resource.type !== 'Record') return undefined;
    if (action.id === 'readRecord' && context.fields.get('purpose') === 'BTG') return undefined;
    const owner = records.get(this.#state, resource.id)?.owner;
    if (owner === undefined || toHex(owner) === principal.id) return undefined;
    return uidOf(this.#state, owner);
  }
}

import type { Height, TimestampMs } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Rejection } from '../base/result.ts';
import type { Admitted } from './admission.ts';
import { type AuditLine, encodeAuditLine } from './audit.ts';
import { type AskedDecision, decide, principalOf } from './authorize.ts';
import type { AuditEntry, LedgerEnv } from './chain.ts';
import type { ApplySetting, Setting } from './families/kind.ts';
import { intrinsicGas, LEDGER_GAS } from './gas.ts';
import { parametersOf } from './parameters-of.ts';
import type { PatientObjection } from './policy/consult-patient.ts';
import { schemaOf } from './policy/schema-of.ts';
import type { LedgerEvent, Outcome, Receipt } from './receipt.ts';
import { StateOverlay } from './state/overlay.ts';
import type { StateReader } from './state/table.ts';
import { nonces, reads } from './state/tables.ts';
import type { SignedTransaction } from './transaction.ts';

/** Where in the chain a transaction stands. */
export interface Place {
  readonly height: Height;
  readonly timestampMs: TimestampMs;
  readonly index: number;
}

export interface Executed {
  readonly receipt: Receipt;
  /** Everything it changed: at least its sender's nonce. */
  readonly writes: StateOverlay;
  readonly audit: readonly AuditEntry[];
}

/** What was decided of one transaction, before its receipt is written. */
interface Settled {
  readonly outcome: Outcome;
  readonly code: string | null;
  readonly gasUsed: number;
  readonly events: readonly LedgerEvent[];
  readonly writes: StateOverlay | null;
}

/** Denied and failed transactions use up nonce and gas and undo everything else (CHAIN.md, "Transaction"). */
export function executeTransaction(
  env: LedgerEnv,
  state: StateReader,
  place: Place,
  signed: SignedTransaction,
  admitted: Admitted,
): Executed {
  const { act, sender } = admitted;
  const setting: ApplySetting = {
    primitives: env.primitives,
    chainId: env.chainId,
    height: place.height,
    timestampMs: place.timestampMs,
    transactionId: signed.id,
    publicKey: signed.transaction.publicKey,
    keyAddress: signed.keyAddress,
    sender,
    engine: env.genesis.engine,
    parameters: parametersOf(env, state),
    schema: () => schemaOf(env),
    judgeShare: env.judgeShare,
  };
  const intrinsic = intrinsicGas(signed.bytes.length);
  const asks = act.kind.asks(setting, state, act.payload);
  const principal = principalOf(state, signed.keyAddress);
  const decision = decide(env, state, principal, act.name, asks, signed.transaction.gasLimit - intrinsic);
  const settled = settle(setting, state, signed, admitted, decision, intrinsic + decision.gasUsed);

  const writes = settled.writes ?? new StateOverlay(state);
  nonces.set(writes, admitted.next + 1, toHex(sender));
  const receipt: Receipt = {
    transactionId: signed.id,
    outcome: settled.outcome,
    code: settled.code,
    policies: decision.reasons,
    gasUsed: settled.gasUsed,
    events: settled.events,
  };
  return { receipt, writes, audit: auditOf(setting, place, writes, admitted, receipt, decision.objection) };
}

function settle(
  setting: ApplySetting,
  state: StateReader,
  signed: SignedTransaction,
  { act }: Admitted,
  decision: AskedDecision,
  spent: number,
): Settled {
  const { gasLimit } = signed.transaction;
  if (decision.outOfGas) return stopped('denied', 'policy.out-of-gas', gasLimit);
  if (!decision.allowed) return stopped('denied', 'policy.denied', spent);
  const { kind, payload } = act;
  const work = LEDGER_GAS.signature * kind.signatures(payload) + (kind.work?.(state, payload) ?? 0);
  const worked = spent + work;
  if (worked > gasLimit) return stopped('failed', 'gas.exhausted', gasLimit);
  const writes = new StateOverlay(state);
  const applied = kind.apply(setting, writes, payload, decision.ask);
  if (!applied.ok) return stopped('failed', codeOf(applied.rejection), worked);
  const gasUsed = worked + writesGas(writes);
  if (gasUsed > gasLimit) return stopped('failed', 'gas.exhausted', gasLimit);
  return { outcome: 'applied', code: null, gasUsed, events: applied.value, writes };
}

/** By rows, and by their bytes: what many holders or answers make long is encoded, hashed and kept by every node. */
function writesGas({ changes }: StateOverlay): number {
  let gas = 0;
  for (const value of changes.values())
    gas += LEDGER_GAS.write + LEDGER_GAS.writeKib * Math.floor((value?.length ?? 0) / 1_024);
  return gas;
}

const codeOf = (rejection: Rejection): string => rejection.code;

const stopped = (outcome: Outcome, code: string, gasUsed: number): Settled => ({
  outcome,
  code,
  gasUsed,
  events: [],
  writes: null,
});

/** A line for the sender's trail, and the same for whom it concerns, who also sees which of his own policies spoke (T-47). */
function auditOf(
  setting: Setting,
  place: Place,
  after: StateReader,
  { act, sender }: Admitted,
  receipt: Receipt,
  objection: PatientObjection | null,
): readonly AuditEntry[] {
  const read = act.name === 'readRecord' ? reads.get(after, toHex(setting.transactionId)) : undefined;
  const { height, timestampMs, index } = place;
  const { owner, record, purpose } = act.kind.concern(setting, after, act.payload);
  const line: AuditLine = {
    height,
    index,
    timestampMs,
    transactionId: receipt.transactionId,
    kind: act.name,
    sender,
    outcome: receipt.outcome,
    code: receipt.code,
    policies: receipt.policies,
    owner,
    record,
    purpose,
    path: read?.path ?? null,
  };
  const lines = new Map([[toHex(sender), { subject: sender, line }]]);
  if (owner !== null) lines.set(toHex(owner), { subject: owner, line: withObjection(line, objection) });
  return [...lines.values()].map(({ subject, line }) => ({ subject, index, entry: encodeAuditLine(line) }));
}

const withObjection = (line: AuditLine, objection: PatientObjection | null): AuditLine => {
  if (objection === null || line.outcome !== 'denied') return line;
  const code = objection.outOfGas ? 'policy.patient-out-of-gas' : line.code;
  return { ...line, code, policies: [...line.policies, ...objection.policies].sort() };
};

import type { Address, Hash, Height, PublicKey, TimestampMs } from '../../base/brand.ts';
import { type AskedDecision, decide } from '../authorize.ts';
import type { LedgerEnv } from '../chain.ts';
import type { Ask, Setting } from '../families/kind.ts';
import { readAsks as asksOf } from '../families/read-asks.ts';
import { strangerUid, uidOf } from '../principal.ts';
import type { StateReader } from '../state/table.ts';
import { parameterRows } from '../state/tables.ts';
import type { Purpose } from '../vocabulary.ts';

export interface ReadQuestion {
  readonly principal: Address;
  readonly record: Uint8Array;
  readonly purpose: Purpose;
}

/** The block after which the question is put. */
export interface Moment {
  readonly height: Height;
  readonly timestampMs: TimestampMs;
}

/** A read that nobody sends: no key and no id of it has a part in the decision. */
const NO_TRANSACTION = new Uint8Array(32) as Hash;
const NO_KEY = new Uint8Array(33) as PublicKey;

/**
 * "D could read R at H for purpose P" = the policies' answer on the state after block H, at H's time (CHAIN.md, "What a proof
 * means"), the patient's own policies included.
 */
export function couldRead(env: LedgerEnv, state: StateReader, moment: Moment, question: ReadQuestion): AskedDecision {
  const uid = uidOf(state, question.principal) ?? strangerUid(question.principal);
  const gasLimit = parameterRows.get(state, 'parameters')?.transactionGasMax ?? 0;
  return decide(env, state, uid, 'readRecord', readAsks(env, state, moment, question), gasLimit);
}

/** The questions that a `readRecord` transaction puts. */
export function readAsks(
  env: LedgerEnv,
  state: StateReader,
  { height, timestampMs }: Moment,
  { principal, record, purpose }: ReadQuestion,
): readonly Ask[] {
  const setting: Setting = {
    primitives: env.primitives,
    chainId: env.chainId,
    height,
    timestampMs,
    transactionId: NO_TRANSACTION,
    publicKey: NO_KEY,
    keyAddress: principal,
    sender: principal,
  };
  return asksOf(setting, state, { record, purpose });
}

import type { Address, Hash, Height, PublicKey, TimestampMs } from '../../base/brand.ts';
import { type AskedDecision, decide } from '../../ledger/authorize.ts';
import type { LedgerEnv } from '../../ledger/chain.ts';
import { readRecord } from '../../ledger/families/consent.ts';
import type { Setting } from '../../ledger/families/kind.ts';
import type { Payload } from '../../ledger/families/payloads.ts';
import { strangerUid, uidOf } from '../../ledger/principal.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { parameterRows } from '../../ledger/state/tables.ts';
import type { Purpose } from '../../ledger/vocabulary.ts';

export interface ReadQuestion {
  readonly principal: Address;
  readonly record: Uint8Array;
  readonly purpose: Purpose;
}

/** A read that nobody sends: no key and no id of it has a part in the decision. */
const NO_TRANSACTION = new Uint8Array(32) as Hash;
const NO_KEY = new Uint8Array(33) as PublicKey;

/**
 * "D could read R at H for purpose P" = the policies' answer on the state after block H, at H's time (CHAIN.md, "What a proof
 * means"). The questions are those that a `readRecord` transaction puts.
 */
export function couldRead(
  env: LedgerEnv,
  state: StateReader,
  place: { readonly height: Height; readonly timestampMs: TimestampMs },
  { principal, record, purpose }: ReadQuestion,
): AskedDecision {
  const setting: Setting = {
    primitives: env.primitives,
    chainId: env.chainId,
    height: place.height,
    timestampMs: place.timestampMs,
    transactionId: NO_TRANSACTION,
    publicKey: NO_KEY,
    keyAddress: principal,
    sender: principal,
  };
  const payload: Payload<'readRecord'> = { record, purpose, freshKey: NO_KEY };
  const asks = readRecord.asks(setting, state, payload);
  const uid = uidOf(state, principal) ?? strangerUid(principal);
  const gasLimit = parameterRows.get(state, 'parameters')?.transactionGasMax ?? 0;
  return decide(env, state, uid, 'readRecord', asks, gasLimit);
}

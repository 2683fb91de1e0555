import type { Address, Height, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { BaseCode } from '../base/codes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { LedgerEnv } from './chain.ts';
import type { LedgerCode } from './codes.ts';
import { type Act, actOf } from './families/index.ts';
import type { Payload } from './families/payloads.ts';
import { intrinsicGas } from './gas.ts';
import type { Parameters } from './parameters.ts';
import { parametersOf } from './parameters-of.ts';
import { senderOf } from './principal.ts';
import { enrolmentBytes } from './signed-words.ts';
import type { StateReader } from './state/table.ts';
import { hospitals, nonces } from './state/tables.ts';
import type { SignedTransaction } from './transaction.ts';

export interface Admitted {
  readonly act: Act;
  /** The id that sends it. */
  readonly sender: Address;
  /** The sender's next nonce: a block wants exactly this one, a mempool may hold later ones. */
  readonly next: number;
}

/**
 * Whether the block of `height` could hold it: sender, lifetime, gas limit, payload's form, nonce not yet used. Never policy:
 * denials belong on chain (CHAIN.md, "Transaction").
 */
export function checkAdmission(
  env: LedgerEnv,
  state: StateReader,
  height: Height,
  signed: SignedTransaction,
): Result<Admitted, LedgerCode | BaseCode> {
  const act = actOf(signed);
  if (!act.ok) return act;
  const bounds = checkBounds(parametersOf(env, state), height, signed);
  if (!bounds.ok) return bounds;
  const sender = admissibleSender(env, state, act.value, signed);
  if (!sender.ok) return sender;
  const next = nonces.get(state, toHex(sender.value)) ?? 0;
  const { nonce } = signed.transaction;
  if (nonce < next) return refuse('transaction.nonce-used', { nonce, next });
  return ok({ act: act.value, sender: sender.value, next });
}

function checkBounds(parameters: Parameters, height: Height, signed: SignedTransaction): Result<null, LedgerCode> {
  const { validUntilHeight, gasLimit } = signed.transaction;
  if (validUntilHeight < height) return refuse('transaction.expired', { validUntilHeight, height });
  if (validUntilHeight > height + parameters.validityHeightsMax)
    return refuse('transaction.too-far-ahead', { validUntilHeight, height });
  const least = intrinsicGas(signed.bytes.length);
  return gasLimit >= least && gasLimit <= parameters.transactionGasMax
    ? ok(null)
    : refuse('transaction.gas-limit', { least, most: parameters.transactionGasMax });
}

/** An enrolled key, or an `enrol` that an admitted hospital co-signed. Strangers are refused at the door. */
function admissibleSender(
  env: LedgerEnv,
  state: StateReader,
  act: Act,
  signed: SignedTransaction,
): Result<Address, LedgerCode> {
  const sender = senderOf(state, signed.keyAddress);
  if (sender.standing === 'bound') return ok(sender.id);
  if (sender.standing === 'retired') return refuse('transaction.key-retired');
  if (act.name !== 'enrol') return refuse('transaction.stranger');
  const { publicKey } = signed.transaction;
  return isSponsored(env, state, publicKey, act.payload as Payload<'enrol'>)
    ? ok(signed.keyAddress)
    : refuse('transaction.stranger');
}

function isSponsored(env: LedgerEnv, state: StateReader, publicKey: PublicKey, payload: Payload<'enrol'>): boolean {
  const hospital = hospitals.get(state, toHex(payload.hospital));
  if (hospital === undefined || hospital.status !== 'active') return false;
  const bytes = enrolmentBytes(env.chainId, publicKey, payload);
  const digest = signingDigest(env.primitives, 'enrolment-sponsor', bytes);
  return env.primitives.verify(digest, payload.sponsorSignature, hospital.record.accountKey);
}

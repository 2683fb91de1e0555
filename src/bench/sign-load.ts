import type { Hash, SecretKey } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { signTransaction, TRANSACTION_VERSION } from '../ledger/transaction.ts';
import type { LoadPlan } from './load-plan.ts';

/**
 * The transaction that the bench sends: a practitioner asks for a record (Alg. 2 `requestRecord`). A real policy decision by the shipped
 * policies, a new row of state for each, and its writer may send any number of them.
 */
export const LOAD_KIND = 'requestAccess';
/** Above what it uses; docs/bench.md says how much that is. */
const GAS_LIMIT = 20_000;

export interface SignedLoad {
  /** Signed bytes, in the order in which they are handed in; those of one sender in the order of its nonces. */
  readonly bytes: readonly Uint8Array[];
  /** Position of each by its id in hexadecimal. */
  readonly positionOf: ReadonlyMap<string, number>;
  /** Which hospital takes the transaction at a position. */
  hospitalOf(position: number): number;
}

/** Senders take turns, so that every hospital's share comes from all of its senders. */
export function signLoad(primitives: Primitives, plan: LoadPlan): SignedLoad {
  const chainId = fromHex(plan.chainId) as Hash;
  const senders = plan.senders.map(({ secretKey, nonce }) => {
    const secret = fromHex(secretKey) as SecretKey;
    return { secret, publicKey: primitives.publicKeyOf(secret), nonce };
  });
  const records = plan.records.map((record) => fromHex(record) as Uint8Array);
  const bytes: Uint8Array[] = [];
  const positionOf = new Map<string, number>();
  for (let at = 0; at < plan.presigned; at++) {
    const turn = Math.floor(at / senders.length);
    const sender = senders[at % senders.length] as (typeof senders)[number];
    const payload: Payload<'requestAccess'> = {
      record: records[at % records.length] as Uint8Array,
      doctorPublicKey: sender.publicKey,
      purpose: 'TREAT',
      oraclesMin: 1,
      oraclesMax: plan.apis.length,
    };
    const transaction = {
      version: TRANSACTION_VERSION,
      chainId,
      publicKey: sender.publicKey,
      nonce: sender.nonce + turn,
      validUntilHeight: plan.validUntilHeight,
      gasLimit: GAS_LIMIT,
      kind: LOAD_KIND,
      payload,
    };
    const signed = signTransaction(primitives, transaction, sender.secret);
    bytes.push(signed.bytes);
    positionOf.set(toHex(signed.id), at);
  }
  return { bytes, positionOf, hospitalOf: (position) => (position % senders.length) % plan.apis.length };
}

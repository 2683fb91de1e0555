import type { Address, Hash } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { BaseCode } from '../base/codes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { listRoot } from './merkle.ts';

/**
 * denied: policy said no, or ran out of gas deciding. failed: allowed, but a precondition did not hold. Both use up nonce
 * and gas and change nothing else. applied: the state changed.
 */
export type Outcome = 'applied' | 'denied' | 'failed';

/** "Emit" of the papers (F26, F27, F51): who should hear that something happened to what. Ids only, never words. */
export interface LedgerEvent {
  readonly name: string;
  readonly to: Address;
  /** A record, request, grant, proposal or participant id. */
  readonly about: Uint8Array;
}

/** Codes and policy ids only: sentences are rendered off chain, for each audience apart. */
export interface Receipt {
  readonly transactionId: Hash;
  readonly outcome: Outcome;
  /** From the catalogue; null where applied. */
  readonly code: string | null;
  /** Policies that decided, sorted by bytes. */
  readonly policies: readonly string[];
  readonly gasUsed: number;
  readonly events: readonly LedgerEvent[];
}

const receiptShape = shape.struct({
  transactionId: shape.hash,
  outcome: shape.oneOf('applied', 'denied', 'failed'),
  code: shape.nullable(shape.text(64)),
  policies: shape.list(shape.text(128), LIMITS.policiesMax),
  gasUsed: shape.uint(),
  events: shape.list(shape.struct({ name: shape.text(64), to: shape.address, about: shape.bytes(1, 64) }), 64),
}) as shape.Shape<Receipt>;
const receiptsShape = shape.list(receiptShape, LIMITS.blockTransactionsMax);

export const encodeReceipts = (receipts: readonly Receipt[]): Uint8Array => encode(receipts as unknown as Canonical);

export function decodeReceipts(bytes: Uint8Array): Result<readonly Receipt[], BaseCode> {
  const value = decode(bytes, 4 * LIMITS.blockBytesMax);
  return value.ok ? receiptsShape(value.value, 'receipts') : value;
}

export const receiptHash = (primitives: Primitives, receipt: Receipt): Hash =>
  primitives.hash(encode(receipt as unknown as Canonical));

export const receiptsRoot = (primitives: Primitives, receipts: readonly Receipt[]): Hash =>
  listRoot(
    primitives,
    receipts.map((receipt) => receiptHash(primitives, receipt)),
  );

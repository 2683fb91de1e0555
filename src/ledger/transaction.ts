import type { Address, Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { BaseCode } from '../base/codes.ts';
import { addressOf, signingDigest } from '../base/digest.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { LedgerCode } from './codes.ts';
import type { Act } from './families/index.ts';

export const TRANSACTION_VERSION = 1;

/** What a participant signs (CHAIN.md, "Transaction"). The payload's shape belongs to its kind: see `families/`. */
export interface Transaction {
  readonly version: number;
  readonly chainId: Hash;
  readonly publicKey: PublicKey;
  /** The sender's next number, from 0: what was applied, denied or failed once can't be again (F45). */
  readonly nonce: number;
  /** The last height whose block may hold it. */
  readonly validUntilHeight: number;
  readonly gasLimit: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A transaction with what is computed from its bytes once and then carried. */
export interface SignedTransaction {
  readonly transaction: Transaction;
  readonly signature: Signature;
  /** SHA-256 of the unsigned bytes. */
  readonly id: Hash;
  /** SHA-256 of the signed bytes: the item in `transactionsRoot`. */
  readonly leaf: Hash;
  /** Address of the signing key: the sender's id is what the state binds it to. */
  readonly keyAddress: Address;
  /** The signed bytes, as they travel. */
  readonly bytes: Uint8Array;
  /** What `actOf` found when it was first asked. */
  readonly memo: { act: Result<Act, BaseCode | LedgerCode> | null };
}

/**
 * Transactions that were decoded and verified before, by the hash of their signed bytes: the same bytes give the same transaction, and
 * nothing need be verified twice.
 */
export type KnownTransactions = (leaf: Hash) => SignedTransaction | undefined;

const transactionShape = shape.struct({
  version: shape.uint(),
  chainId: shape.hash,
  publicKey: shape.publicKey,
  nonce: shape.uint(),
  validUntilHeight: shape.uint(),
  gasLimit: shape.uint(),
  kind: shape.text(32, /^[a-zA-Z]+$/),
  payload: shape.anyMap,
});

/** The unsigned bytes stand inside as a byte string, so that the id is a hash of what arrived and never of a re-encoding. */
const signedShape = shape.struct({
  signature: shape.signature,
  unsigned: shape.bytes(1, LIMITS.transactionBytesMax),
});

export const unsignedBytes = (transaction: Transaction): Uint8Array => encode(transaction as unknown as Canonical);

export function signTransaction(
  primitives: Primitives,
  transaction: Transaction,
  secretKey: SecretKey,
): SignedTransaction {
  const unsigned = unsignedBytes(transaction);
  const signature = primitives.sign(signingDigest(primitives, 'transaction', unsigned), secretKey);
  return carry(primitives, transaction, unsigned, signature, encode({ signature, unsigned }));
}

interface ReadTransaction {
  readonly transaction: Transaction;
  readonly signature: Signature;
  readonly unsigned: Uint8Array;
}

/** Form, size, version and chain: what costs no signature. Nobody has signed it until `decodeTransaction` says so. */
export function readTransaction(chainId: Hash, bytes: Uint8Array): Result<ReadTransaction, BaseCode | LedgerCode> {
  const outer = decode(bytes, LIMITS.transactionBytesMax);
  if (!outer.ok) return outer;
  const signed = signedShape(outer.value, '');
  if (!signed.ok) return signed;
  const inner = decode(signed.value.unsigned, LIMITS.transactionBytesMax);
  if (!inner.ok) return inner;
  const read = transactionShape(inner.value, '');
  if (!read.ok) return read;

  const transaction = read.value;
  if (transaction.version !== TRANSACTION_VERSION)
    return refuse('transaction.version', { version: transaction.version });
  if (!equal(transaction.chainId, chainId)) return refuse('transaction.foreign-chain');
  return ok({ transaction, signature: signed.value.signature, unsigned: signed.value.unsigned });
}

/** Form, size, version, chain and signature: all that can be said of a transaction without the state. */
export function decodeTransaction(
  primitives: Primitives,
  chainId: Hash,
  bytes: Uint8Array,
): Result<SignedTransaction, BaseCode | LedgerCode> {
  const read = readTransaction(chainId, bytes);
  if (!read.ok) return read;
  const { transaction, signature, unsigned } = read.value;
  const digest = signingDigest(primitives, 'transaction', unsigned);
  if (!primitives.verify(digest, signature, transaction.publicKey)) return refuse('transaction.bad-signature');
  return ok(carry(primitives, transaction, unsigned, signature, bytes));
}

const carry = (
  primitives: Primitives,
  transaction: Transaction,
  unsigned: Uint8Array,
  signature: Signature,
  bytes: Uint8Array,
): SignedTransaction => ({
  transaction,
  signature,
  id: primitives.hash(unsigned),
  leaf: primitives.hash(bytes),
  keyAddress: addressOf(primitives, transaction.publicKey),
  bytes,
  memo: { act: null },
});

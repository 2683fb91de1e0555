import type { Address, Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Primitives } from '../../base/primitives.ts';

/** The fields of a header that checkers look at, as the bytes have them: nothing but the encoding is taken for granted. */
export interface HeaderSeen {
  readonly version: number;
  readonly chainId: Hash;
  readonly height: number;
  readonly parentHash: Hash;
  readonly timestampMs: number;
  readonly proposer: Address;
  readonly transactionsRoot: Hash;
  readonly stateRoot: Hash;
  readonly validatorsHash: Hash;
  readonly nextValidatorsHash: Hash;
  readonly evidenceRoot: Hash;
  readonly gasUsed: number;
}

export interface BlockSeen {
  readonly bytes: Uint8Array;
  /** SHA-256 of the header's canonical bytes, in hex, computed here. */
  readonly hash: string;
  readonly parent: string;
  readonly header: HeaderSeen;
  readonly transactions: readonly Uint8Array[];
  /** What each of them says, read once for all checkers. */
  readonly read: readonly (TransactionSeen | null)[];
  readonly evidence: readonly Uint8Array[];
}

/** Null where the bytes are no block: then nobody may have committed them. */
export function readBlock(primitives: Primitives, bytes: Uint8Array): BlockSeen | null {
  const read = decode(bytes, LIMITS.blockBytesMax);
  if (!read.ok) return null;
  const { header, transactions, evidence } = read.value as Pick<BlockSeen, 'header' | 'transactions' | 'evidence'>;
  if (typeof header !== 'object' || !Array.isArray(transactions) || !Array.isArray(evidence)) return null;
  if (!(header.parentHash instanceof Uint8Array)) return null;
  const hash = toHex(primitives.hash(encode(header as unknown as Canonical)));
  const parent = toHex(header.parentHash);
  const seen = transactions.map((each) => readTransaction(primitives, each));
  return { bytes, hash, parent, header, transactions, read: seen, evidence };
}

/** A transaction as far as its bytes say: `{ signature, unsigned }`, and what was signed. Null where they say nothing. */
export interface TransactionSeen {
  /** SHA-256 of the unsigned bytes, in hex. */
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

function readTransaction(primitives: Primitives, bytes: Uint8Array): TransactionSeen | null {
  const outer = decode(bytes, LIMITS.transactionBytesMax);
  if (!outer.ok) return null;
  const { unsigned } = outer.value as { unsigned?: unknown };
  if (!(unsigned instanceof Uint8Array)) return null;
  const inner = decode(unsigned, LIMITS.transactionBytesMax);
  if (!inner.ok) return null;
  const { publicKey, kind, payload } = inner.value as Omit<TransactionSeen, 'id'>;
  if (!(publicKey instanceof Uint8Array) || typeof kind !== 'string' || typeof payload !== 'object') return null;
  return { id: toHex(primitives.hash(unsigned)), publicKey, kind, payload };
}

import type { Address, Hash, Height, TimestampMs } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { PolicySet } from '../vm/index.ts';
import type { Schema } from '../vm/schema/schema.ts';
import type { Block } from './block.ts';
import type { ShareJudge } from './evaluation/share-judge.ts';
import type { Genesis } from './genesis.ts';
import type { Header } from './header.ts';
import type { PatientSetMemo } from './policy/patient-set.ts';
import type { LedgerEvent, Receipt } from './receipt.ts';
import type { RowMemo } from './row-memo.ts';
import type { SignedTransaction } from './transaction.ts';
import type { TreeReader, TreeRoot, TreeUpdate } from './tree/types.ts';

/** What never changes on one chain, and memos of rows that every decision reads. They change no answer. */
export interface LedgerEnv {
  readonly primitives: Primitives;
  readonly genesis: Genesis;
  readonly chainId: Hash;
  /** The set last parsed, by the row it was read from: parsing it for every decision would be waste. */
  readonly policyMemo: { current: { readonly bytes: Uint8Array; readonly set: PolicySet } | null };
  readonly rowMemo: RowMemo;
  readonly patientSets: PatientSetMemo;
  /** The schema of the genesis, once somebody asked for it. */
  readonly schemaMemo: { current: Schema | null | undefined };
  /** Tells wrong shares from right ones (`dispute`). The same on every node of a chain: it decides receipts. */
  readonly judgeShare: ShareJudge;
}

/** The state after one block. */
export interface StateView {
  readonly height: Height;
  get(key: string): Uint8Array | undefined;
  readonly tree: TreeReader;
  readonly root: TreeRoot;
}

/** The block that the next one extends. */
export interface Tip {
  readonly header: Header;
  readonly hash: Hash;
  readonly view: StateView;
  /** The set that decides the next height. */
  readonly validators: ValidatorSet;
  /** The first height that this set decides. */
  readonly validatorsSince: Height;
}

/** One line of somebody's audit trail: derived from receipts, kept beside the state, not part of its root (F43). */
export interface AuditEntry {
  readonly subject: Address;
  /** Position of the transaction in its block. */
  readonly index: number;
  /** Canonical bytes of an `AuditLine`. */
  readonly entry: Uint8Array;
}

/** What executing a block gives. */
export interface Execution {
  readonly receipts: readonly Receipt[];
  readonly transactions: readonly SignedTransaction[];
  readonly changes: ReadonlyMap<string, Uint8Array | null>;
  readonly tree: TreeUpdate;
  readonly gasUsed: number;
  /** The state after the block, laid over the one before. */
  readonly view: StateView;
  readonly nextValidators: ValidatorSet;
  /** The first height that `nextValidators` decides: the next one where this block changes the set. */
  readonly nextValidatorsSince: Height;
  readonly audit: readonly AuditEntry[];
  /** What the end of the block tells: no receipt holds it, for no transaction brought it (B-23). Derived, like the audit lines. */
  readonly endEvents: readonly LedgerEvent[];
}

export interface ExecutedBlock {
  readonly block: Block;
  readonly hash: Hash;
  readonly execution: Execution;
}

export interface BuildInput {
  readonly candidates: readonly SignedTransaction[];
  readonly timestampMs: TimestampMs;
  readonly proposer: Address;
  readonly evidence: readonly Uint8Array[];
}

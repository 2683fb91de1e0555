import type { Address, Hash, TimestampMs } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import type { Block } from '../ledger/block.ts';
import type { Execution, Tip } from '../ledger/chain.ts';
import type { KnownTransactions, SignedTransaction } from '../ledger/transaction.ts';
import type { Pace } from './pace.ts';

/** A block with what executing it gave. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly hash: Hash;
  readonly execution: Execution;
}

/** What a replica asks of the ledger. `ledgerOf(env)` answers with the real one; a test may put a small one in its place. */
export interface Ledger {
  readonly chainId: Hash;
  readonly primitives: Primitives;
  /** The pace from the block after `tip` on. A ledger that knows of none leaves it to the host's configuration. */
  pace?(tip: Tip): Pace;
  /** Form, size, chain and signature. */
  decode(bytes: Uint8Array): Result<SignedTransaction>;
  /** Whether the next block could hold it, now or once the sender's earlier nonces are used. `next`: the sender's next nonce. */
  admit(tip: Tip, signed: SignedTransaction): Result<{ readonly sender: Address; readonly next: number }>;
  build(
    tip: Tip,
    input: {
      readonly candidates: readonly SignedTransaction[];
      readonly timestampMs: TimestampMs;
      readonly proposer: Address;
      readonly evidence: readonly Uint8Array[];
    },
  ): ExecutedBlock & { readonly bytes: Uint8Array };
  /** Every rule of a block on this tip but the clock. `known`: transactions that were verified before, which costs most of the work. */
  judge(tip: Tip, bytes: Uint8Array, known?: KnownTransactions): Result<ExecutedBlock>;
}

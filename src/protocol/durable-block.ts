import type { Hash, Height } from '../base/brand.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { Execution, LedgerEnv } from '../ledger/chain.ts';
import { headerHash } from '../ledger/header.ts';
import { encodeReceipts } from '../ledger/receipt.ts';
import type { ExecutedBlock } from './ledger.ts';

/** Everything that one batch makes durable, as every store takes it (storage/chain-commit.ts). */
export interface DurableBlock extends Pick<Execution, 'changes' | 'tree' | 'audit'> {
  readonly height: Height;
  readonly hash: Hash;
  readonly block: Uint8Array;
  /** Null for the genesis block alone. */
  readonly certificate: Uint8Array | null;
  readonly receipts: Uint8Array;
  readonly transactionIds: readonly Hash[];
  /** The newest signing record when the block was decided. */
  readonly signingSequence: number;
}

/** What a stored block says of its place: its own hash, its parent's, and the root of the state after it. Undefined for damaged bytes. */
export function blockLink({ primitives }: Pick<LedgerEnv, 'primitives'>, bytes: Uint8Array) {
  const block = decodeBlock(bytes);
  if (!block.ok) return undefined;
  const { header } = block.value;
  return { hash: headerHash(primitives, header), parentHash: header.parentHash, stateRoot: header.stateRoot };
}

export const durableBlock = (
  { block, hash, execution }: ExecutedBlock,
  stored: Pick<DurableBlock, 'certificate' | 'signingSequence'> & { readonly bytes: Uint8Array },
): DurableBlock => ({
  height: block.header.height,
  hash: hash as Hash,
  block: stored.bytes,
  certificate: stored.certificate,
  receipts: encodeReceipts(execution.receipts),
  transactionIds: execution.transactions.map(({ id }) => id),
  changes: execution.changes,
  tree: execution.tree,
  signingSequence: stored.signingSequence,
  audit: execution.audit,
});

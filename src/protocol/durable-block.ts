import { decodeBlock } from '../ledger/block.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { headerHash } from '../ledger/header.ts';
import { encodeReceipts } from '../ledger/receipt.ts';
import type { ExecutedBlock } from './ledger.ts';

/** What a stored block says of its place: its own hash, its parent's, and the root of the state after it. Undefined for damaged bytes. */
export function blockLink({ primitives }: Pick<LedgerEnv, 'primitives'>, bytes: Uint8Array) {
  const block = decodeBlock(bytes);
  if (!block.ok) return undefined;
  const { header } = block.value;
  return { hash: headerHash(primitives, header), parentHash: header.parentHash, stateRoot: header.stateRoot };
}

interface Stored {
  readonly bytes: Uint8Array;
  /** Null for the genesis block alone. */
  readonly certificate: Uint8Array | null;
  /** The newest signing record when the block was decided. */
  readonly signingSequence: number;
}

/** Everything that one batch makes durable. Every store takes it as its `CommitBatch` (storage/chain-commit.ts). */
export const durableBlock = ({ block, hash, execution }: ExecutedBlock, stored: Stored) => ({
  height: block.header.height,
  hash,
  block: stored.bytes,
  certificate: stored.certificate,
  receipts: encodeReceipts(execution.receipts),
  transactionIds: execution.transactions.map(({ id }) => id),
  changes: execution.changes,
  tree: execution.tree,
  signingSequence: stored.signingSequence,
  audit: execution.audit,
});

import { ok, type Result, refuse } from '../../base/result.ts';
import { decodeBlock } from '../../ledger/block.ts';
import type { LedgerEnv, StateView } from '../../ledger/chain.ts';
import { proveItem } from '../../ledger/merkle.ts';
import { decodeReceipts, encodeReceipts, type Receipt, receiptHash } from '../../ledger/receipt.ts';
import { type About, type ClaimName, checkClaim } from './claims.ts';
import type { Statement } from './proof-file.ts';
import { type Sealed, sealedOf } from './sealed-header.ts';
import { proveRows, RecordingState } from './witness.ts';

/**
 * A statement about the state after the sealed header's block, with every row that checking it reads, present or absent.
 * Refused where it is not true, where the state is of another height, and where its tree was pruned.
 */
export function makeStatement<K extends Exclude<ClaimName, 'attemptOutcome'>>(
  env: LedgerEnv,
  sealed: Sealed,
  view: StateView,
  type: K,
  about: About<K>,
): Result<Statement> {
  const { header } = sealed;
  if (view.height !== header.height) return refuse('offline.wrong-height', { height: view.height });
  const state = new RecordingState(view);
  const checked = checkClaim({ env, header, state }, type, about);
  if (!checked.ok) return checked;
  const rows = proveRows(env.primitives, view, state.keys);
  return rows.ok ? ok({ type, about: { ...about }, sealed, rows: rows.value }) : rows;
}

/** That the transaction at `index` of a stored block had this outcome: the proof of a denied attempt. */
export function makeAttemptStatement(
  env: LedgerEnv,
  stored: { readonly block: Uint8Array; readonly certificate: Uint8Array; readonly receipts: Uint8Array },
  index: number,
): Result<Statement> {
  const sealed = sealedOf(stored);
  if (!sealed.ok) return sealed;
  const block = decodeBlock(stored.block);
  if (!block.ok) return block;
  const receipts = decodeReceipts(stored.receipts);
  if (!receipts.ok) return receipts;
  const transaction = block.value.transactions[index];
  const receipt = receipts.value[index];
  if (transaction === undefined || receipt === undefined) return refuse('offline.not-included', { index });

  const { primitives } = env;
  const leaves = block.value.transactions.map((bytes) => primitives.hash(bytes));
  const hashes = receipts.value.map((each: Receipt) => receiptHash(primitives, each));
  const about: About<'attemptOutcome'> = {
    transaction,
    receipt: encodeReceipts([receipt]),
    transactionProof: proveItem(primitives, leaves, index),
    receiptProof: proveItem(primitives, hashes, index),
  };
  return ok({ type: 'attemptOutcome', about: { ...about }, sealed: sealed.value, rows: [] });
}

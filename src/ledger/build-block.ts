import type { Hash, Height } from '../base/brand.ts';
import { LIMITS } from '../base/limits.ts';
import { validatorsHashOf } from '../base/validators.ts';
import { BLOCK_EVIDENCE_MAX, type Block, encodeBlock } from './block.ts';
import type { BuildInput, ExecutedBlock, Execution, LedgerEnv, Tip } from './chain.ts';
import { BlockExecution } from './execute-block.ts';
import { BLOCK_VERSION, type Header, headerHash } from './header.ts';
import { listRoot } from './merkle.ts';
import { receiptsRoot } from './receipt.ts';
import { rootHashOf } from './tree/hashing.ts';

/** Room kept for the header, the evidence and the list's own framing. */
const FRAME_BYTES = 128 * 1024;
/** Framing of one transaction in the list. */
const ITEM_BYTES = 5;

/** A block on this tip from what fits: candidates that no block may hold here, or that exceed gas or bytes, are left out. */
export function buildBlock(
  env: LedgerEnv,
  tip: Tip,
  input: BuildInput,
): ExecutedBlock & { readonly bytes: Uint8Array } {
  const building = new BlockExecution(env, tip, input.timestampMs);
  const transactions: Uint8Array[] = [];
  let room = LIMITS.blockBytesMax - FRAME_BYTES;
  for (const signed of input.candidates) {
    const bytes = signed.bytes.length + ITEM_BYTES;
    if (transactions.length >= LIMITS.blockTransactionsMax || bytes > room) break;
    if (building.add(signed) !== null) continue;
    transactions.push(signed.bytes);
    room -= bytes;
  }
  const evidence = input.evidence.slice(0, BLOCK_EVIDENCE_MAX).filter((bytes) => building.addEvidence(bytes));
  const execution = building.finish();
  const header = headerOf(env, tip, input, execution, evidence);
  const block: Block = { header, transactions, evidence };
  return { block, bytes: encodeBlock(block), hash: headerHash(env.primitives, header), execution };
}

function headerOf(
  env: LedgerEnv,
  tip: Tip,
  { timestampMs, proposer }: BuildInput,
  execution: Execution,
  evidence: readonly Uint8Array[],
): Header {
  const { primitives, chainId } = env;
  const rootOf = (items: readonly Hash[]): Hash => listRoot(primitives, items);
  return {
    version: BLOCK_VERSION,
    chainId,
    height: (tip.header.height + 1) as Height,
    parentHash: tip.hash,
    timestampMs,
    proposer,
    transactionsRoot: rootOf(execution.transactions.map(({ leaf }) => leaf)),
    receiptsRoot: receiptsRoot(primitives, execution.receipts),
    stateRoot: rootHashOf(execution.tree.root),
    validatorsHash: validatorsHashOf(primitives, tip.validators),
    nextValidatorsHash: validatorsHashOf(primitives, execution.nextValidators),
    evidenceRoot: rootOf(evidence.map((bytes) => primitives.hash(bytes))),
    gasUsed: execution.gasUsed,
  };
}

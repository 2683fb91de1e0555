import type { Hash, Height } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { BaseCode } from '../base/codes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { validatorsHashOf } from '../base/validators.ts';
import { type Block, decodeBlock } from './block.ts';
import type { ExecutedBlock, Execution, LedgerEnv, Tip } from './chain.ts';
import type { LedgerCode } from './codes.ts';
import { BlockExecution } from './execute-block.ts';
import { BLOCK_VERSION, type Header, headerHash } from './header.ts';
import { listRoot } from './merkle.ts';
import { provenOffence } from './offences.ts';
import { receiptsRoot } from './receipt.ts';
import { decodeTransaction, type KnownTransactions, type SignedTransaction } from './transaction.ts';
import { rootHashOf } from './tree/hashing.ts';

/**
 * Every rule of a block on this tip but the clock (docs/specification/blocks.md). The body is held to its roots before
 * anything else is said of it: a body that does not fit blames the peer that sent it, never the block.
 */
export function judgeBlock(
  env: LedgerEnv,
  tip: Tip,
  bytes: Uint8Array,
  known: KnownTransactions = () => undefined,
): Result<ExecutedBlock, LedgerCode | BaseCode> {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return decoded;
  const block = decoded.value;
  const leaves = checkBody(env, block);
  if (!leaves.ok) return leaves;
  const place = checkPlace(env, tip, block.header);
  if (!place.ok) return place;

  const execution = execute(env, tip, block, (index) => {
    const before = known(leaves.value[index] as Hash);
    return before === undefined
      ? decodeTransaction(env.primitives, env.chainId, block.transactions[index] as Uint8Array)
      : ok(before);
  });
  if (!execution.ok) return execution;
  const results = checkResults(env, block.header, execution.value);
  if (!results.ok) return results;
  return ok({ block, hash: headerHash(env.primitives, block.header), execution: execution.value });
}

/** The items of the two body roots are hashes of bytes: nothing is decoded before they fit. Gives the hashes of the transactions. */
function checkBody(
  { primitives }: LedgerEnv,
  { header, transactions, evidence }: Block,
): Result<readonly Hash[], LedgerCode> {
  const leaves = transactions.map((bytes) => primitives.hash(bytes));
  if (!equal(listRoot(primitives, leaves), header.transactionsRoot)) return refuse('block.transactions-root');
  const offences = evidence.map((bytes) => primitives.hash(bytes));
  return equal(listRoot(primitives, offences), header.evidenceRoot) ? ok(leaves) : refuse('block.evidence-root');
}

function checkPlace(env: LedgerEnv, tip: Tip, header: Header): Result<null, LedgerCode> {
  if (header.version !== BLOCK_VERSION) return refuse('block.version', { version: header.version });
  if (!equal(header.chainId, env.chainId)) return refuse('block.foreign-chain');
  if (header.height !== tip.header.height + 1) return refuse('block.height', { height: header.height });
  if (!equal(header.parentHash, tip.hash)) return refuse('block.parent');
  if (header.timestampMs <= tip.header.timestampMs) return refuse('block.timestamp');
  if (!tip.validators.some(({ id }) => equal(id, header.proposer))) return refuse('block.proposer');
  return equal(header.validatorsHash, validatorsHashOf(env.primitives, tip.validators))
    ? ok(null)
    : refuse('block.validators-hash');
}

function execute(
  env: LedgerEnv,
  tip: Tip,
  block: Block,
  transactionAt: (index: number) => Result<SignedTransaction>,
): Result<Execution, LedgerCode> {
  const execution = new BlockExecution(env, tip, block.header.timestampMs);
  for (let index = 0; index < block.transactions.length; index++) {
    const signed = transactionAt(index);
    const rejection = signed.ok ? execution.add(signed.value) : signed.rejection;
    if (rejection !== null)
      return rejection.code === 'block.gas-allowance'
        ? refuse('block.gas-allowance', { index })
        : refuse('block.transaction', { index, reason: rejection.code });
  }
  for (const [index, bytes] of block.evidence.entries()) {
    if (!execution.addEvidence(bytes)) return refuse('block.evidence', { index });
  }
  return ok(execution.finish());
}

/** The id of an offence that these bytes prove to the block on this tip, in hex; `undefined` where they prove none (B-6). */
export const offenceOf = (env: LedgerEnv, tip: Tip, bytes: Uint8Array): string | undefined =>
  provenOffence(env, tip.view, (tip.header.height + 1) as Height, bytes);

function checkResults(env: LedgerEnv, header: Header, execution: Execution): Result<null, LedgerCode> {
  const { primitives } = env;
  if (header.gasUsed !== execution.gasUsed) return refuse('block.gas-used', { gasUsed: execution.gasUsed });
  if (!equal(header.receiptsRoot, receiptsRoot(primitives, execution.receipts))) return refuse('block.receipts-root');
  if (!equal(header.stateRoot, rootHashOf(execution.tree.root))) return refuse('block.state-root');
  return equal(header.nextValidatorsHash, validatorsHashOf(primitives, execution.nextValidators))
    ? ok(null)
    : refuse('block.validators-hash', { set: 'next' });
}

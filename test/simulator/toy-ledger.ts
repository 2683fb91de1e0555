import type { Address, Hash, Height, TimestampMs } from '../../src/base/brand.ts';
import { equal, toHex, u64be } from '../../src/base/bytes.ts';
import { ok, type Result, refuse } from '../../src/base/result.ts';
import { type ValidatorSet, validatorsHashOf } from '../../src/base/validators.ts';
import { type Block, decodeBlock, encodeBlock } from '../../src/ledger/block.ts';
import type { Execution, StateView, Tip } from '../../src/ledger/chain.ts';
import { BLOCK_VERSION, type Header, headerHash } from '../../src/ledger/header.ts';
import { listRoot } from '../../src/ledger/merkle.ts';
import { type Receipt, receiptsRoot } from '../../src/ledger/receipt.ts';
import { decodeTransaction, type SignedTransaction } from '../../src/ledger/transaction.ts';
import { rootHashOf } from '../../src/ledger/tree/hashing.ts';
import { updateTree } from '../../src/ledger/tree/update.ts';
import type { ExecutedBlock, Ledger } from '../../src/protocol/ledger.ts';
import type { GenesisState } from '../../src/simulator/disk.ts';
import { chainId, hashOf, primitives } from '../protocol/support.ts';

/**
 * The smallest ledger that a replica can drive: a transaction counts its sender's nonce up and does nothing else. Tests of the
 * protocol use it where policies and families would only be in the way.
 */
const nonceKey = (sender: Address): string => `nonce/${toHex(sender)}`;

function nonceOf(view: Pick<StateView, 'get'>, sender: Address): number {
  const bytes = view.get(nonceKey(sender));
  return bytes === undefined ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
}

export const toyLedger = (): Ledger => ({
  chainId,
  primitives,
  decode: (bytes) => decodeTransaction(primitives, chainId, bytes),

  admit(tip, { transaction, keyAddress }) {
    const next = nonceOf(tip.view, keyAddress);
    if (transaction.nonce < next) return refuse('transaction.nonce-used');
    if (transaction.validUntilHeight <= tip.header.height) return refuse('transaction.expired');
    return ok({ sender: keyAddress, next });
  },

  build(tip, { candidates, timestampMs, proposer, evidence }) {
    const executed = execute(tip, candidates, true);
    const block = blockOf(tip, executed, { timestampMs, proposer, evidence });
    const bytes = encodeBlock(block);
    return { ...executed, block, bytes, hash: headerHash(primitives, block.header) };
  },

  judge(tip, bytes): Result<ExecutedBlock> {
    const block = decodeBlock(bytes);
    if (!block.ok) return block;
    const { header, transactions, evidence } = block.value;
    const root = (items: readonly Uint8Array[]) =>
      listRoot(
        primitives,
        items.map((item) => primitives.hash(item)),
      );
    if (!equal(root(transactions), header.transactionsRoot)) return refuse('block.transactions-root');
    if (!equal(root(evidence), header.evidenceRoot)) return refuse('block.evidence-root');
    if (header.timestampMs <= tip.header.timestampMs) return refuse('block.timestamp');
    const decoded: SignedTransaction[] = [];
    for (const each of transactions) {
      const signed = decodeTransaction(primitives, chainId, each);
      if (!signed.ok) return signed;
      decoded.push(signed.value);
    }
    const executed = execute(tip, decoded, false);
    const again = blockOf(tip, executed, { ...header, evidence });
    const hash = headerHash(primitives, header);
    if (!equal(hash, headerHash(primitives, again.header))) return refuse('block.state-root');
    return ok({ block: block.value, hash, execution: executed.execution });
  },
});

interface Executed {
  readonly transactions: readonly SignedTransaction[];
  readonly execution: Execution;
}

/** `lenient` leaves out what cannot run, as a builder does; else it changes nothing, and the roots will differ. */
function execute(tip: Tip, candidates: readonly SignedTransaction[], lenient: boolean): Executed {
  const changes = new Map<string, Uint8Array>();
  const view = overlay(tip.view, changes);
  const transactions: SignedTransaction[] = [];
  for (const signed of candidates) {
    const next = nonceOf(view, signed.keyAddress);
    if (signed.transaction.nonce === next) changes.set(nonceKey(signed.keyAddress), u64be(next + 1));
    else if (lenient) continue;
    transactions.push(signed);
  }
  const receipts = transactions.map(({ id }): Receipt => {
    return { transactionId: id, outcome: 'applied', code: null, policies: [], gasUsed: 1, events: [] };
  });
  const tree = updateTree(primitives, tip.view.tree, tip.view.root, treeChanges(changes), tip.header.height + 1);
  const execution = {
    receipts,
    changes,
    tree,
    view,
    nextValidators: tip.validators,
    nextValidatorsSince: tip.validatorsSince,
  } as unknown as Execution;
  return { transactions, execution };
}

const treeChanges = (changes: ReadonlyMap<string, Uint8Array>) =>
  [...changes].map(([key, value]) => ({ keyHash: hashOf(key), valueHash: primitives.hash(value) }));

const overlay = (view: StateView, changes: ReadonlyMap<string, Uint8Array>): StateView => ({
  ...view,
  get: (key: string) => changes.get(key) ?? view.get(key),
});

function blockOf(
  tip: Tip,
  { transactions, execution }: Executed,
  { timestampMs, proposer, evidence }: Pick<Header, 'timestampMs' | 'proposer'> & Pick<Block, 'evidence'>,
): Block {
  const validatorsHash = validatorsHashOf(primitives, tip.validators);
  const header: Header = {
    version: BLOCK_VERSION,
    chainId,
    height: (tip.header.height + 1) as Height,
    parentHash: tip.hash,
    timestampMs,
    proposer,
    transactionsRoot: listRoot(
      primitives,
      transactions.map(({ leaf }) => leaf),
    ),
    receiptsRoot: receiptsRoot(primitives, execution.receipts),
    stateRoot: rootHashOf(execution.tree.root),
    validatorsHash,
    nextValidatorsHash: validatorsHash,
    evidenceRoot: listRoot(
      primitives,
      evidence.map((bytes) => primitives.hash(bytes)),
    ),
    gasUsed: transactions.length,
  };
  return { header, transactions: transactions.map(({ bytes }) => bytes), evidence };
}

export function toyGenesis(validators: ValidatorSet, timestampMs: number): GenesisState {
  const none = new Uint8Array(32) as Hash;
  const validatorsHash = validatorsHashOf(primitives, validators);
  const header: Header = {
    version: BLOCK_VERSION,
    chainId,
    height: 0 as Height,
    parentHash: none,
    timestampMs: timestampMs as TimestampMs,
    proposer: new Uint8Array(20) as Address,
    transactionsRoot: listRoot(primitives, []),
    receiptsRoot: listRoot(primitives, []),
    stateRoot: none,
    validatorsHash,
    nextValidatorsHash: validatorsHash,
    evidenceRoot: listRoot(primitives, []),
    gasUsed: 0,
  };
  const tree = { root: null, written: [], stale: [] };
  return { header, hash: headerHash(primitives, header), validators, changes: new Map(), tree };
}

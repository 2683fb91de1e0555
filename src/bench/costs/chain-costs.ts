import { assert } from '../../base/assert.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { BlockAnswer } from '../../client/api.ts';
import { must } from '../../consortium/people.ts';
import type { ExecutedBlock } from '../../ledger/chain.ts';
import { createEnv, parseGenesis } from '../../ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../ledger/genesis-block.ts';
import { judgeBlock } from '../../ledger/judge-block.ts';
import { MemoryState } from '../../protocol/offline/memory-state.ts';
import { commitRows } from '../../storage/chain-commit.ts';
import { keySpaceName } from '../../storage/key-space.ts';

/** Part of a run, in which one thing is done again and again. */
export interface Phase {
  /** Of the transaction that is counted. */
  readonly kind: string;
  /** Heights above `from`, up to `to`. */
  readonly from: number;
  readonly to: number;
}

/** Bytes of transactions of one kind, for each thing that is counted. */
export interface KindBytes {
  readonly perItem: number;
  /** Signed, as it travels and as the block holds it. */
  readonly bytes: number;
  readonly receiptBytes: number;
}

/** What one record, grant or read weighs at each hospital, from the blocks of a real run. */
export interface PhaseCosts {
  readonly items: number;
  readonly blocks: number;
  /** By kind, its own and those that follow from it, such as the holders' `respond`. */
  readonly transactions: Readonly<Record<string, KindBytes>>;
  /** Whole blocks of the phase that hold any transaction, divided by the items. */
  readonly blockBytes: number;
  readonly certificateBytes: number;
  readonly receiptsBytes: number;
  readonly auditBytes: number;
  /** Rows of the state that were written, with their keys. */
  readonly stateRows: number;
  readonly stateBytes: number;
  /** By how much the state is larger afterwards: keys and values that stand. */
  readonly stateGrowthBytes: number;
  readonly treeNodes: number;
  readonly treeBytes: number;
  /** All that LevelDB is handed: the above, history, marks of what is stale, and indexes. */
  readonly storedBytes: number;
}
type Sums = Omit<PhaseCosts, 'items' | 'blocks' | 'transactions'>;

/**
 * Executes a chain again from its genesis by the code that every hospital runs, and weighs what each block brought. Nothing is computed from formats.
 */
export function weighChain(
  primitives: Primitives,
  genesisText: string,
  answers: readonly BlockAnswer[],
  phases: Readonly<Record<string, Phase>>,
): Readonly<Record<string, PhaseCosts>> {
  const env = createEnv(primitives, must(parseGenesis(primitives, genesisText), 'the genesis file is read'));
  const first = genesisBlock(env);
  const state = new MemoryState();
  state.apply(first.block.header.height, first.execution);
  let tip = tipOf(env, first.block.header, state);
  const weights = Object.entries(phases).map(([name, phase]) => ({ name, phase, weight: new Weight() }));
  for (const answer of answers) {
    const executed = must(judgeBlock(env, tip, answer.block), 'a block of the chain holds');
    const { height } = executed.block.header;
    const weight = weights.find(({ phase }) => height > phase.from && height <= phase.to)?.weight;
    weight?.add(primitives, state, answer, executed);
    state.apply(height, executed.execution);
    tip = tipOf(env, executed.block.header, state);
  }
  return Object.fromEntries(weights.map(({ name, phase, weight }) => [name, weight.perItem(phase.kind)]));
}

class Weight {
  #blocks = 0;
  #sums = {
    blockBytes: 0,
    certificateBytes: 0,
    receiptsBytes: 0,
    auditBytes: 0,
    stateRows: 0,
    stateBytes: 0,
    stateGrowthBytes: 0,
    treeNodes: 0,
    treeBytes: 0,
    storedBytes: 0,
  };
  readonly #kinds = new Map<string, { count: number; applied: number; bytes: number; receiptBytes: number }>();

  add(
    primitives: Primitives,
    before: MemoryState,
    answer: BlockAnswer,
    { block, hash, execution }: ExecutedBlock,
  ): void {
    if (execution.transactions.length === 0) return;
    this.#blocks++;
    const sums = this.#sums;
    sums.blockBytes += answer.block.length;
    sums.certificateBytes += answer.certificate?.length ?? 0;
    sums.receiptsBytes += answer.receipts.length;
    for (const [i, { transaction, bytes }] of execution.transactions.entries()) {
      const receipt = execution.receipts[i];
      assert(receipt !== undefined, 'every transaction has a receipt');
      const kind = this.#kinds.get(transaction.kind) ?? { count: 0, applied: 0, bytes: 0, receiptBytes: 0 };
      kind.count++;
      if (receipt.outcome === 'applied') kind.applied++;
      kind.bytes += bytes.length;
      kind.receiptBytes += encode(receipt as unknown as Canonical).length;
      this.#kinds.set(transaction.kind, kind);
    }
    for (const [key, value] of execution.changes) {
      const stood = before.get(key);
      sums.stateGrowthBytes += sizeOf(key, value ?? undefined) - sizeOf(key, stood);
    }
    this.#rows(primitives, before, answer, { block, hash, execution });
  }

  /** What a hospital writes: the very rows of its commit. */
  #rows(
    primitives: Primitives,
    before: MemoryState,
    answer: BlockAnswer,
    { block, hash, execution }: ExecutedBlock,
  ): void {
    const { height } = block.header;
    const batch = {
      height,
      hash,
      block: answer.block,
      certificate: answer.certificate ?? new Uint8Array(0),
      receipts: answer.receipts,
      transactionIds: execution.transactions.map(({ id }) => id),
      changes: execution.changes,
      tree: execution.tree,
      signingSequence: 0,
      audit: execution.audit,
    };
    const tip = { height: height - 1, hash: block.header.parentHash } as Parameters<typeof commitRows>[2];
    for (const row of commitRows(primitives, (key) => before.get(key), tip, batch)) {
      const bytes = row.key.length + (row.type === 'put' ? row.value.length : 0);
      this.#sums.storedBytes += bytes;
      const space = keySpaceName(row.key);
      if (space === 'state') {
        this.#sums.stateRows++;
        this.#sums.stateBytes += bytes;
      } else if (space === 'treeNode') {
        this.#sums.treeNodes++;
        this.#sums.treeBytes += bytes;
      } else if (space === 'audit') this.#sums.auditBytes += bytes;
    }
  }

  perItem(kind: string): PhaseCosts {
    const items = this.#kinds.get(kind)?.applied ?? 0;
    const each = (sum: number): number => (items === 0 ? 0 : Math.round((10 * sum) / items) / 10);
    const transactions = Object.fromEntries(
      [...this.#kinds].map(([name, { count, bytes, receiptBytes }]) => [
        name,
        {
          perItem: items === 0 ? 0 : Math.round((1_000 * count) / items) / 1_000,
          bytes: Math.round(bytes / count),
          receiptBytes: Math.round(receiptBytes / count),
        },
      ]),
    );
    const sums = Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, each(sum)]));
    return { items, blocks: this.#blocks, transactions, ...(sums as unknown as Sums) };
  }
}

const sizeOf = (key: string, value: Uint8Array | undefined): number =>
  value === undefined ? 0 : key.length + value.length;

import type { Height } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { decodeBlock } from '../../ledger/block.ts';
import { headerHash } from '../../ledger/header.ts';
import { decodeReceipts } from '../../ledger/receipt.ts';
import type { ChainStore } from '../../storage/chain-store.ts';
import type { Journal } from './journal.ts';

/** One hospital's final chain as its disk has it. */
interface StoredChain {
  /** Hash and state root of each height from 0, as one text. */
  readonly links: readonly string[];
  /** Pieces of evidence in all blocks. */
  readonly evidence: number;
}

export interface ChainAudit {
  /** Newest height of each hospital. */
  readonly heights: readonly number[];
  /** The first height at which two hospitals have another block or state root; null where there is none. */
  readonly differsAt: number | null;
  readonly evidence: number;
  /** Receipts that a client holds and some hospital's chain does not, or not at that height. */
  readonly lost: readonly string[];
  /** Accepted, in no block, and still valid: somebody should have put them into one. */
  readonly unresolved: readonly string[];
  readonly doubled: readonly string[];
}

/** A hospital's chain, held open until `close`. */
export interface AuditedChain {
  readonly store: Pick<ChainStore, 'tip' | 'block' | 'receipts'>;
  close(): Promise<void>;
}

/** Compares the chains of stopped hospitals with each other, and with what clients were told. Memory grows with the run, not the state. */
export async function auditChains(
  primitives: Primitives,
  openers: readonly (() => Promise<AuditedChain>)[],
  journal: Journal,
): Promise<ChainAudit> {
  const chains: StoredChain[] = [];
  let found: TransactionPlaces | undefined;
  for (const open of openers) {
    const { store, close } = await open();
    const places = new TransactionPlaces();
    try {
      chains.push(await readChain(primitives, store, places));
    } finally {
      await close();
    }
    found = found === undefined ? places : found.common(places);
  }
  const heights = chains.map(({ links }) => links.length - 1);
  return {
    heights,
    differsAt: firstDifference(chains),
    evidence: Math.max(...chains.map(({ evidence }) => evidence)),
    ...compare(journal, found ?? new TransactionPlaces(), Math.min(...heights)),
  };
}

/** Where each transaction stands. */
class TransactionPlaces {
  readonly #heights = new Map<string, number>();
  readonly doubled: string[] = [];

  add(id: string, height: number): void {
    if (this.#heights.has(id)) this.doubled.push(id);
    this.#heights.set(id, height);
  }

  heightOf(id: string): number | undefined {
    return this.#heights.get(id);
  }

  /** What stands at the same height in both. */
  common(other: TransactionPlaces): TransactionPlaces {
    const both = new TransactionPlaces();
    both.doubled.push(...this.doubled, ...other.doubled);
    for (const [id, height] of this.#heights) if (other.heightOf(id) === height) both.add(id, height);
    return both;
  }
}

async function readChain(
  primitives: Primitives,
  store: AuditedChain['store'],
  places: TransactionPlaces,
): Promise<StoredChain> {
  const links: string[] = [];
  let evidence = 0;
  const tip = store.tip()?.height ?? -1;
  for (let height = 0; height <= tip; height++) {
    const [bytes, receiptBytes] = await Promise.all([store.block(height as Height), store.receipts(height as Height)]);
    const block = bytes === undefined ? undefined : decodeBlock(bytes);
    const receipts = receiptBytes === undefined ? undefined : decodeReceipts(receiptBytes);
    if (!block?.ok || !receipts?.ok) {
      links.push('missing');
      continue;
    }
    const { header } = block.value;
    links.push(`${toHex(headerHash(primitives, header))} ${toHex(header.stateRoot)}`);
    evidence += block.value.evidence.length;
    for (const { transactionId } of receipts.value) places.add(toHex(transactionId), height);
  }
  return { links, evidence };
}

function firstDifference(chains: readonly StoredChain[]): number | null {
  const [first, ...others] = chains;
  for (let height = 0; height < Math.max(...chains.map(({ links }) => links.length)); height++) {
    const present = [first, ...others].flatMap((chain) => chain?.links[height] ?? []);
    if (new Set(present).size > 1 || present.includes('missing')) return height;
  }
  return null;
}

/** A hospital may have stopped a block before the others: only what it could have is asked of it. */
function compare(journal: Journal, found: TransactionPlaces, common: number) {
  const lost: string[] = [];
  const unresolved: string[] = [];
  for (const [id, { accepted, acknowledgedAt, validUntilHeight }] of journal.entries()) {
    const height = found.heightOf(id);
    if (acknowledgedAt === null) {
      if (accepted && height === undefined && validUntilHeight >= common) unresolved.push(id);
    } else if (height !== acknowledgedAt && acknowledgedAt <= common) lost.push(id);
  }
  return { lost, unresolved, doubled: found.doubled };
}

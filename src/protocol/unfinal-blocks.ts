import { assert } from '../base/assert.ts';
import type { Hash } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { type Canonical, encode } from '../base/canonical.ts';
import type { StateView, Tip } from '../ledger/chain.ts';
import { layeredView } from '../ledger/layered-view.ts';
import type { ExecutedBlock } from './ledger.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

interface Entry {
  readonly bytes: Uint8Array;
  readonly block: ExecutedBlock;
  readonly view: StateView;
}

/**
 * Blocks executed above the final tip: what an engine judged or built and has not committed. Each keeps what executing it
 * changed, laid over its parent, so that the next can be built on it; nothing of it reaches the disk before it is final.
 */
export class UnfinalBlocks {
  readonly #entries = new Map<string, Entry>();
  #tip: Tip;

  constructor(tip: Tip) {
    this.#tip = tip;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The final tip moved: what does not stand on it is void. */
  advance(tip: Tip): void {
    this.#tip = tip;
    for (const [key, { block }] of this.#entries) if (!this.#stands(block)) this.#entries.delete(key);
  }

  /** The final tip or a block above it, as one to build on. */
  tipAt(hash: Hash): Tip | undefined {
    if (equal(hash, this.#tip.hash)) return this.#tip;
    const entry = this.#entries.get(toHex(hash));
    if (entry === undefined) return undefined;
    const { block, execution } = entry.block;
    return {
      header: block.header,
      hash,
      view: entry.view,
      validators: execution.nextValidators,
      validatorsSince: execution.nextValidatorsSince,
    };
  }

  /** Its parent is the tip or remembered here. Where there are too many, the oldest that no other stands on goes. */
  remember(block: ExecutedBlock, bytes: Uint8Array): void {
    const { header } = block.block;
    const { changes, tree } = block.execution;
    // Every read of the state passes here: the parent is looked up once for each tip.
    let known: { readonly tip: Tip; readonly view: StateView } | null = null;
    const below = (): StateView => {
      if (known?.tip === this.#tip) return known.view;
      const parent = this.tipAt(header.parentHash);
      assert(parent !== undefined, 'an unfinal block stands on a remembered one or on the tip');
      known = { tip: this.#tip, view: parent.view };
      return parent.view;
    };
    this.#entries.set(toHex(block.hash), { bytes, block, view: layeredView(below, header.height, changes, tree) });
    if (this.#entries.size > PROTOCOL_LIMITS.unfinalBlocksMax) this.#dropOldestLeaf(block.hash);
  }

  /** The block of this hash as it was executed, if these are its bytes. */
  executed(hash: Hash, bytes: Uint8Array): ExecutedBlock | undefined {
    const entry = this.#entries.get(toHex(hash));
    return entry !== undefined && equal(entry.bytes, bytes) ? entry.block : undefined;
  }

  /** Ids of the transactions in the unfinal blocks from the tip up to `hash`: its children must not hold them again. */
  transactionsUpTo(hash: Hash): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const { block } of this.#upTo(hash))
      for (const { transactionId } of block.execution.receipts) ids.add(toHex(transactionId));
    return ids;
  }

  /** The blocks above the tip up to `hash`, lowest first. */
  chainTo(hash: Hash): readonly ExecutedBlock[] {
    return [...this.#upTo(hash)].map(({ block }) => block).reverse();
  }

  /** The encoded headers from the child of `from` up to `to`, for the path of a certificate. */
  headersBetween(from: Hash, to: Hash): readonly Uint8Array[] {
    const headers: Uint8Array[] = [];
    for (const { block } of this.#upTo(to)) {
      if (equal(block.hash, from)) break;
      headers.unshift(encode(block.block.header as unknown as Canonical));
    }
    return headers;
  }

  /** From `hash` down to the tip. */
  *#upTo(hash: Hash): Generator<Entry> {
    for (let at = this.#entries.get(toHex(hash)); at !== undefined; ) {
      yield at;
      at = this.#entries.get(toHex(at.block.block.header.parentHash));
    }
  }

  #stands(block: ExecutedBlock): boolean {
    for (let { header } = block.block; ; ) {
      if (header.height <= this.#tip.header.height) return false;
      if (equal(header.parentHash, this.#tip.hash)) return true;
      const parent = this.#entries.get(toHex(header.parentHash));
      if (parent === undefined) return false;
      header = parent.block.block.header;
    }
  }

  #dropOldestLeaf(kept: Hash): void {
    const parents = new Set([...this.#entries.values()].map(({ block }) => toHex(block.block.header.parentHash)));
    for (const key of this.#entries.keys()) {
      if (parents.has(key) || key === toHex(kept)) continue;
      this.#entries.delete(key);
      return;
    }
  }
}

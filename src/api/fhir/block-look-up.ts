import { assert } from '../../base/assert.ts';
import type { Hash, Height, Signature } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { type Block, decodeBlock } from '../../ledger/block.ts';
import { decodeReceipts } from '../../ledger/receipt.ts';
import { readTransaction, type Transaction } from '../../ledger/transaction.ts';
import type { NodeService, StoredBlock } from '../service.ts';

/** A transaction that a finalised block applied. */
export interface Applied {
  readonly id: Hash;
  readonly transaction: Transaction;
  readonly signature: Signature;
}

/** Blocks of one answer, each read and decoded once. */
export class BlockLookUp {
  readonly #service: NodeService;
  readonly #blocks = new Map<number, { readonly stored: StoredBlock; readonly block: Block }>();

  constructor(service: NodeService) {
    this.#service = service;
  }

  /** Block time, ms. */
  async timestampMs(height: Height): Promise<number> {
    return (await this.#at(height)).block.header.timestampMs;
  }

  /** The applied transaction of that block that brought a version of the record: one content id stands on the chain once (F26). */
  async versionBy(height: Height, record: Uint8Array, cid: Uint8Array): Promise<Applied | undefined> {
    const { stored, block } = await this.#at(height);
    const receipts = decodeReceipts(stored.receipts);
    assert(receipts.ok, 'stored receipts decode');
    const applied = new Set(
      receipts.value.filter(({ outcome }) => outcome === 'applied').map(({ transactionId }) => toHex(transactionId)),
    );
    for (const bytes of block.transactions) {
      const found = this.#read(bytes);
      const { payload } = found.transaction;
      const brought =
        payload.record instanceof Uint8Array &&
        payload.cid instanceof Uint8Array &&
        equal(payload.record, record) &&
        equal(payload.cid, cid);
      if (brought && applied.has(toHex(found.id))) return found;
    }
    return undefined;
  }

  #read(bytes: Uint8Array): Applied {
    const { env } = this.#service;
    const read = readTransaction(env.chainId, bytes);
    assert(read.ok, 'a finalised transaction is canonical');
    const { transaction, signature, unsigned } = read.value;
    return { id: env.primitives.hash(unsigned), transaction, signature };
  }

  async #at(height: Height) {
    const known = this.#blocks.get(height);
    if (known !== undefined) return known;
    const stored = await this.#service.block(height);
    assert(stored !== undefined, 'a row of the state names a finalised height');
    const block = decodeBlock(stored.block);
    assert(block.ok, 'a stored block decodes');
    const found = { stored, block: block.value };
    this.#blocks.set(height, found);
    return found;
  }
}

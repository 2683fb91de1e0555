import type { Hash } from '../../src/base/brand.ts';
import { concat, u64be, utf8 } from '../../src/base/bytes.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { rootHashOf } from '../../src/ledger/tree/hashing.ts';
import type { TreeReader, TreeRoot } from '../../src/ledger/tree/types.ts';
import { updateTree } from '../../src/ledger/tree/update.ts';
import type { CommitBatch } from '../../src/storage/chain-commit.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import type { BlockLink } from '../../src/storage/verify-tip.ts';

export const primitives = { ...noblePrimitives, hash: sha256 };

/** A block of the tests: parent hash ‖ state root ‖ height ‖ anything. Its hash is that of its bytes. */
export const blockBytes = (parent: Uint8Array, stateRoot: Uint8Array, height: number): Uint8Array =>
  concat(parent, stateRoot, u64be(height), utf8('body'));

export const readLink = (block: Uint8Array): BlockLink | undefined =>
  block.length < 72
    ? undefined
    : { hash: sha256(block), parentHash: block.slice(0, 32) as Hash, stateRoot: block.slice(32, 64) as Hash };

export type Changes = Record<string, Uint8Array | null>;

/** Builds consecutive blocks over a store's own tree. */
export class ChainBuilder {
  #parent: Uint8Array;
  #root: TreeRoot;
  #height: number;

  /** From genesis on, or on top of a chain that is there. */
  constructor(parent: Uint8Array = new Uint8Array(32), root: TreeRoot = null, height = 0) {
    this.#parent = parent;
    this.#root = root;
    this.#height = height;
  }

  next(tree: TreeReader, changes: Changes = {}, extra: Partial<CommitBatch> = {}): CommitBatch {
    const height = this.#height++;
    const treeChanges = Object.entries(changes).map(([key, value]) => ({
      keyHash: sha256(utf8(key)),
      valueHash: value === null ? null : sha256(value),
    }));
    const update = updateTree(primitives, tree, this.#root, treeChanges, height);
    this.#root = update.root;
    const block = blockBytes(this.#parent, rootHashOf(update.root), height);
    this.#parent = sha256(block);
    return {
      height: height as CommitBatch['height'],
      hash: sha256(block),
      block,
      certificate: height === 0 ? null : utf8(`certificate ${height}`),
      receipts: utf8(`receipts ${height}`),
      transactionIds: [],
      changes: new Map(Object.entries(changes)),
      tree: update,
      signingSequence: 0,
      audit: [],
      ...extra,
    };
  }
}

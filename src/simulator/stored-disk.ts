import type { Height } from '../base/brand.ts';
import type { Certificate } from '../consensus/engine.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { ExecutedBlock, LedgerEnv, StateView, Tip } from '../ledger/chain.ts';
import { tipOf } from '../ledger/genesis-block.ts';
import type { Header } from '../ledger/header.ts';
import type { TreeNode, TreeReader } from '../ledger/tree/types.ts';
import { blockLink, durableBlock } from '../protocol/durable-block.ts';
import { PROTOCOL_LIMITS } from '../protocol/limits.ts';
import type { CertifiedBlock } from '../protocol/wire.ts';
import { commitOperations } from '../storage/chain-commit.ts';
import { putMeta, readSigningSequence, readTip } from '../storage/chain-rows.ts';
import { StorageError } from '../storage/errors.ts';
import { atHeight } from '../storage/key-space.ts';
import { STORAGE_LIMITS } from '../storage/limits.ts';
import { readTreeRoot, treeReaderOver } from '../storage/stored-tree.ts';
import { verifyTip } from '../storage/verify-tip.ts';
import { type CommitEffect, type HostDisk, proofOf, type WriteEffect } from './disk.ts';
import { placeOfNode, placeOfState } from './places.ts';
import { pruneRows } from './pruning.ts';
import type { Random } from './random.ts';
import { SimulatedRows } from './rows.ts';
import { SimulatedSigningFile } from './signing-file.ts';

export interface WriteTime {
  readonly writeMinMs: number;
  readonly writeMaxMs: number;
}

/**
 * The disk of one node: the shipped storage logic (batches, checksums, verification at start, signing slots) over a database and a file
 * that fail as disks do. It outlives the processes that use it.
 */
export class StoredDisk implements HostDisk {
  readonly #env: LedgerEnv;
  readonly #random: Random;
  readonly #time: WriteTime;
  #rows: SimulatedRows;
  /** Null where it is lost, or damaged. */
  #signing: SimulatedSigningFile | null;
  #height: Height | null = null;
  full = false;
  failNextWrite = false;
  slowMs = 0;

  constructor(env: LedgerEnv, genesis: SimulatedRows, signing: Uint8Array | null, random: Random, time: WriteTime) {
    this.#env = env;
    this.#random = random;
    this.#time = time;
    this.#rows = genesis.copy();
    this.#signing = null;
    if (signing !== null) this.newSigningFile(signing);
  }

  /** The start-up check of a node: throws a code of storage where the disk does not hold together. */
  verify(): void {
    verifyTip(this.#env.primitives, this.#rows.reader, STORAGE_LIMITS.verifyBlocksDefault, (bytes: Uint8Array) =>
      blockLink(this.#env, bytes),
    );
  }

  get rows(): SimulatedRows {
    return this.#rows;
  }

  /** As the newest row says; read once, and again when that row may have changed under us. */
  get height(): Height {
    this.#height ??= this.#readHeight();
    return this.#height;
  }

  get tip(): Tip {
    return tipOf(this.#env, this.header(this.height), this.#view());
  }

  get headersBelow(): readonly Header[] {
    const { height } = this;
    const count = Math.min(height, PROTOCOL_LIMITS.buildersMax);
    return Array.from({ length: count }, (_, i) => this.header((height - 1 - i) as Height));
  }

  get tipProof(): Certificate | null {
    const { height } = this;
    return height === 0 ? null : proofOf(this.#stored('certificate', height));
  }

  get signingRecord(): Uint8Array | null {
    return this.#signing?.state ?? null;
  }

  get signingSequenceAtTip(): number {
    return readSigningSequence(this.#rows.reader);
  }

  get writeMs(): number {
    return Math.max(this.slowMs, this.#random.integer(this.#time.writeMinMs, this.#time.writeMaxMs));
  }

  header(height: Height): Header {
    const block = decodeBlock(this.#stored('block', height));
    if (!block.ok) throw new StorageError('storage.corrupt', { keySpace: 'block', height });
    return block.value.header;
  }

  persist(record: Uint8Array): void {
    const fails = this.#writeFails();
    // A write that failed may have reached the disk all the same.
    if (!fails || this.#random.chance(0.5)) this.#signing?.write(record);
    if (fails) throw new StorageError('storage.write-failed');
  }

  commit(effect: CommitEffect): StateView {
    const fails = this.#writeFails();
    if (!fails || this.#random.chance(0.5)) this.#commit(effect);
    if (fails) throw new StorageError('storage.write-failed');
    return this.#view();
  }

  blocks(from: Height, count: number): readonly CertifiedBlock[] {
    const { height } = this;
    const blocks: CertifiedBlock[] = [];
    let bytes = 0;
    for (let at = from; at >= 1 && at <= height && at < from + count; at++) {
      const certified = { block: this.#stored('block', at), certificate: this.#stored('certificate', at) };
      bytes += certified.block.length;
      if (bytes > PROTOCOL_LIMITS.rangeBytesMax) break;
      blocks.push(certified);
    }
    return blocks;
  }

  /** Of the write under way all is there or nothing, or a mixture of sectors; of the batches not synced, a random part. */
  crash(underWay: WriteEffect | null): void {
    this.#rows.crash(this.#random);
    if (underWay?.type === 'commit' && this.#random.chance(0.5)) this.#commit(underWay);
    if (underWay?.type === 'persistSigningState' && this.#signing !== null) {
      this.#signing.tear(underWay.bytes, this.#random);
      this.#signing = openOrNull(this.#signing.bytes());
    }
  }

  /** Gives up the states below the last `keepHeights`. */
  prune(keepHeights: number): number {
    const below = Math.max(0, this.height - keepHeights);
    return pruneRows(this.#rows, below as Height);
  }

  /** A chain that another node copied here, or the genesis. The sequence noted in it is that of another's signing record. */
  replaceChain(rows: SimulatedRows): void {
    this.#rows = rows.copy();
    this.#rows.batch([putMeta('signingSequence', 0)], { sync: true });
    this.#height = null;
  }

  newSigningFile(record: Uint8Array): void {
    this.#signing = SimulatedSigningFile.create();
    this.#signing.write(record);
  }

  loseSigningFile(): void {
    this.#signing = null;
  }

  backUpSigningFile(): Uint8Array | null {
    return this.#signing?.bytes() ?? null;
  }

  restoreSigningFile(file: Uint8Array): void {
    this.#signing = openOrNull(file);
  }

  flipBit(isCandidate: (key: Uint8Array) => boolean): boolean {
    return this.#rows.flipBit(this.#random, isCandidate);
  }

  flipBitOfSigningFile(): void {
    if (this.#signing === null) return;
    this.#signing.flipBit(this.#random);
    this.#signing = openOrNull(this.#signing.bytes());
  }

  #readHeight(): Height {
    const tip = readTip(this.#rows.reader);
    if (tip === undefined) throw new StorageError('storage.corrupt', { keySpace: 'meta' });
    return tip.height;
  }

  #writeFails(): boolean {
    const fails = this.full || this.failNextWrite;
    this.failNextWrite = false;
    return fails;
  }

  #commit(effect: CommitEffect): void {
    const { reader } = this.#rows;
    const batch = durableBlock(effect, effect);
    const operations = commitOperations(this.#env.primitives, reader, readTip(reader), batch);
    this.#rows.batch(operations, { sync: true });
    this.#height = effect.height;
  }

  /** The newest state. A view of an older block is void once the next is committed. */
  #view(): StateView {
    const rows = this.#rows;
    const { height } = this;
    return {
      height,
      root: readTreeRoot(rows.reader, height),
      tree: this.#treeOver(rows),
      get: (key) => rows.at(placeOfState(key)),
    };
  }

  #treeOver(rows: SimulatedRows): TreeReader {
    const reader = treeReaderOver(this.#env.primitives, rows.reader);
    return {
      node: (key) => {
        const stored = rows.at(placeOfNode(key));
        if (stored === undefined) return undefined;
        const known = NODES.get(stored) ?? reader.node(key);
        if (known !== undefined) NODES.set(stored, known);
        return known;
      },
    };
  }

  #stored(space: 'block' | 'certificate', height: number): Uint8Array {
    const bytes = this.#rows.getSync(atHeight(space, height));
    if (bytes === undefined) throw new StorageError('storage.corrupt', { keySpace: space, height });
    return bytes;
  }
}

/** Nodes by the stored bytes that they were read from, which never change: the same row of several disks is decoded once. */
const NODES = new WeakMap<Uint8Array, TreeNode>();

/** The rows that a node's first start writes. */
export function genesisRows(env: LedgerEnv, genesis: ExecutedBlock & { readonly bytes: Uint8Array }): SimulatedRows {
  const rows = new SimulatedRows();
  const batch = durableBlock(genesis, { bytes: genesis.bytes, certificate: null, signingSequence: 0 });
  rows.batch(commitOperations(env.primitives, rows.reader, undefined, batch), { sync: true });
  return rows;
}

function openOrNull(file: Uint8Array): SimulatedSigningFile | null {
  try {
    return SimulatedSigningFile.open(file);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'signing-state.damaged') return null;
    throw error;
  }
}

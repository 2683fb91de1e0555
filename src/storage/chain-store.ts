import type { Address, Hash, Height } from '../base/brand.ts';
import { compareBytes } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { TreeReader, TreeRoot } from '../ledger/tree/types.ts';
import { type CommitBatch, commitRows, type ReadCurrent } from './chain-commit.ts';
import { pruneStates } from './chain-prune.ts';
import { readPrunedBelow, readSigningSequence, readTip, type Tip } from './chain-rows.ts';
import { StorageError } from './errors.ts';
import {
  atHeight,
  auditKey,
  blockHeightKey,
  keyBody,
  keyIn,
  rangeIn,
  readU32,
  readU64,
  stateKey,
  stateKeyBytes,
  transactionKey,
} from './key-space.ts';
import type { KeyValueReader, KeyValueSnapshot } from './kv.ts';
import { STORAGE_LIMITS } from './limits.ts';
import { RecentNodes } from './recent-nodes.ts';
import { RecentRows } from './recent-rows.ts';
import { Serial } from './serial.ts';
import { valueUnder } from './state-at.ts';
import { readTreeRoot, treeReaderOver } from './stored-tree.ts';
import { type ReadBlockLink, verifyNoGap, verifyTip } from './verify-tip.ts';
import type { KvOpener, WriteGuard } from './write-guard.ts';

export interface ChainStoreOptions {
  readonly primitives: Primitives;
  /** Opens the key-value store, at first and at each `reopen`. */
  readonly open: KvOpener;
  /** How the ledger reads a block's hash, parent and state root. */
  readonly readLink: ReadBlockLink;
  /** Blocks checked at opening. */
  readonly verifyBlocks?: number;
}

/** One state, unmoved by commits and pruning until it is closed. */
export interface StateView {
  readonly height: Height;
  readonly root: TreeRoot;
  readonly tree: TreeReader;
  get(key: string): Uint8Array | undefined;
  close(): Promise<void>;
}

export type HeightRefusal = 'storage.pruned' | 'storage.height-unknown';

export interface AuditEntry {
  readonly height: Height;
  readonly index: number;
  readonly entry: Uint8Array;
}

/**
 * The final chain on disk. One synced batch a block; after a failed write every call throws 'storage.poisoned' until
 * `reopen` has verified what the disk really holds, which may or may not include the block whose write failed.
 */
export class ChainStore {
  readonly #options: ChainStoreOptions;
  readonly #writes = new Serial();
  /** What was read lately through this handle. */
  #recent = { rows: new RecentRows(), nodes: new RecentNodes() };
  #kv: WriteGuard;
  #openViews = 0;

  private constructor(options: ChainStoreOptions, kv: WriteGuard) {
    this.#options = options;
    this.#kv = kv;
  }

  /** Opens and verifies the tip. */
  static async open(options: ChainStoreOptions): Promise<ChainStore> {
    const store = new ChainStore(options, await options.open());
    try {
      store.#verifyOpened();
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  /** A fresh handle after a failed write, verified. Open views are lost. Read `tip` again afterwards. */
  async reopen(): Promise<void> {
    await this.#writes.run(async () => {
      this.#recent = { rows: new RecentRows(), nodes: new RecentNodes() };
      await this.#kv.close();
      this.#kv = await this.#options.open();
      this.#verifyOpened();
    });
  }

  #verifyOpened(): void {
    this.verifyTip();
    verifyNoGap(this.#kv);
  }

  async close(): Promise<void> {
    await this.#writes.run(() => this.#kv.close());
  }

  /** Throws 'storage.tip-damaged' (height, field) or 'storage.corrupt'. */
  verifyTip(options: { readonly blocks?: number } = {}): Tip | undefined {
    const blocks = options.blocks ?? this.#options.verifyBlocks ?? STORAGE_LIMITS.verifyBlocksDefault;
    return verifyTip(this.#options.primitives, this.#kv, blocks, this.#options.readLink);
  }

  /** Durable when it resolves. Heights follow each other without a gap, from genesis at 0. */
  commitBlock(batch: CommitBatch): Promise<void> {
    return this.#writes.run(async () => {
      const tip = readTip(this.#kv);
      const { rows, nodes } = this.#recent;
      const current = readNewest(rows, this.#kv, tip);
      await this.#kv.batch(commitRows(this.#options.primitives, current, tip, batch), { sync: true });
      rows.advance(batch.height, batch.changes);
      nodes.advance(batch.tree);
    });
  }

  /** `undefined` before genesis is committed. */
  tip(): Tip | undefined {
    return readTip(this.#kv);
  }

  /** The signing record's sequence that was noted with the tip. */
  signingSequenceAtTip(): number {
    return readSigningSequence(this.#kv);
  }

  /** `undefined` above the tip. */
  block(height: Height): Promise<Uint8Array | undefined> {
    return this.#rowOf('block', height);
  }

  /** `undefined` for genesis, and above the tip. */
  certificate(height: Height): Promise<Uint8Array | undefined> {
    return this.#rowOf('certificate', height);
  }

  /** `undefined` above the tip. */
  receipts(height: Height): Promise<Uint8Array | undefined> {
    return this.#rowOf('receipts', height);
  }

  /** Every block up to the tip has its rows: one that is not there is damage, and never answered as unknown. */
  async #rowOf(space: 'block' | 'certificate' | 'receipts', height: Height): Promise<Uint8Array | undefined> {
    const row = await this.#kv.get(atHeight(space, height));
    if (row !== undefined || height > (readTip(this.#kv)?.height ?? -1)) return row;
    if (space === 'certificate' && height === 0) return undefined;
    throw new StorageError('storage.corrupt', { keySpace: space, height });
  }

  heightOf(blockHash: Hash): Height | undefined {
    const bytes = this.#kv.getSync(blockHeightKey(blockHash));
    return bytes === undefined ? undefined : (readU64(bytes) as Height);
  }

  locate(transactionId: Hash): { readonly height: Height; readonly index: number } | undefined {
    const bytes = this.#kv.getSync(transactionKey(transactionId));
    return bytes === undefined ? undefined : { height: readU64(bytes) as Height, index: readU32(bytes, 8) };
  }

  /** The value in the newest state. For reads that must agree with each other, see `view`. */
  stateValue(key: string): Uint8Array | undefined {
    return this.#kv.getSync(stateKey(key));
  }

  /** Keys of the newest state that begin with `prefix`, above `after`, in byte order: for lists, page by page. */
  async stateKeys(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const { gte, lt } = rangeIn('state', stateKeyBytes(prefix));
    // The least key above `after` is `after` with a zero byte behind it.
    const next = after === null ? gte : keyIn('state', stateKeyBytes(after), Uint8Array.of(0));
    const range = {
      gte: compareBytes(next, gte) > 0 ? next : gte,
      lt,
      limit: Math.min(limit, STORAGE_LIMITS.stateKeysMax),
    };
    const keys: string[] = [];
    if (compareBytes(range.gte, lt) < 0)
      for await (const [key] of this.#kv.iterate(range)) keys.push(Buffer.from(keyBody(key)).toString('utf8'));
    return keys;
  }

  stateValueAt(key: string, height: Height): Result<Uint8Array | undefined, HeightRefusal> {
    const root = this.treeRootAt(height);
    return root.ok ? ok(valueUnder(this.#options.primitives, this.#kv, this.treeReader(), root.value, key)) : root;
  }

  /** Nodes of every version that is kept. It reads the current store, also after `reopen`. */
  treeReader(): TreeReader {
    return { node: (key) => treeReaderOver(this.#options.primitives, this.#kv).node(key) };
  }

  treeRootAt(height: Height): Result<TreeRoot, HeightRefusal> {
    const tip = readTip(this.#kv);
    if (tip === undefined || height > tip.height) return refuse('storage.height-unknown', { height });
    if (height < readPrunedBelow(this.#kv)) return refuse('storage.pruned', { height });
    return ok(readTreeRoot(this.#kv, height));
  }

  /**
   * The state after the block of `height` (the newest by default) over a snapshot: close it, or it holds disk space.
   */
  view(height?: Height): Result<StateView, HeightRefusal> {
    if (this.#openViews >= STORAGE_LIMITS.openViewsMax) throw new StorageError('storage.too-many-views');
    const snapshot = this.#kv.snapshot();
    try {
      const view = this.#viewOver(snapshot, height);
      if (view.ok) this.#openViews++;
      else void snapshot.close();
      return view;
    } catch (error) {
      void snapshot.close();
      throw error;
    }
  }

  #viewOver(snapshot: KeyValueSnapshot, wanted?: Height): Result<StateView, HeightRefusal> {
    const tip = readTip(snapshot);
    const height = wanted ?? tip?.height ?? (0 as Height);
    if (tip === undefined || height > tip.height) return refuse('storage.height-unknown', { height });
    if (height < readPrunedBelow(snapshot)) return refuse('storage.pruned', { height });
    const root = readTreeRoot(snapshot, height);
    const { primitives } = this.#options;
    const stored = treeReaderOver(primitives, snapshot);
    const { rows, nodes } = this.#recent;
    const tree: TreeReader = { node: (key) => nodes.get(key, stored.node) };
    const newest = readNewest(rows, snapshot, tip);
    let open = true;
    return ok({
      height,
      root,
      tree,
      get: (key) => (height === tip.height ? newest(key) : valueUnder(primitives, snapshot, tree, root, key)),
      close: async () => {
        if (open) this.#openViews--;
        open = false;
        await snapshot.close();
      },
    });
  }

  /** Entries about `subject` from `fromHeight` on, oldest first. Continue after the last one's height and index. */
  async audit(subject: Address, fromHeight: Height, limit: number, fromIndex = 0): Promise<readonly AuditEntry[]> {
    const range = {
      gte: auditKey(subject, fromHeight, fromIndex),
      lt: rangeIn('audit', subject).lt,
      limit: Math.min(limit, STORAGE_LIMITS.auditEntriesMax),
    };
    const entries: AuditEntry[] = [];
    for await (const [key, entry] of this.#kv.iterate(range))
      entries.push({ height: readU64(key, 21) as Height, index: readU32(key, 29), entry });
    return entries;
  }

  /** Gives up the states below `height`; blocks, certificates and receipts stay. Answers the rows deleted. */
  async pruneBelow(height: Height): Promise<Result<{ readonly rows: number }, 'storage.height-unknown'>> {
    const tip = this.tip();
    if (tip === undefined || height > tip.height) return refuse('storage.height-unknown', { height });
    return ok({ rows: await pruneStates(this.#kv, this.#writes, height) });
  }

  prunedBelow(): Height {
    return readPrunedBelow(this.#kv);
  }
}

/** Values of the state after `tip`, which `reader` shows. */
function readNewest(rows: RecentRows, reader: KeyValueReader, tip: Tip | undefined): ReadCurrent {
  const read: ReadCurrent = (key) => reader.getSync(stateKey(key));
  return tip === undefined ? read : (key) => rows.get(tip.height, key, read);
}

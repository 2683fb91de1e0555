import type { Height } from '../../base/brand.ts';
import type { StateRows } from '../../ledger/can/state-rows.ts';
import type { Execution, StateView } from '../../ledger/chain.ts';
import type { NodeKey, TreeNode, TreeReader, TreeRoot } from '../../ledger/tree/types.ts';

const nodeName = ({ path, version }: NodeKey): string => `${version}/${path}`;

/** The newest state of a chain that is replayed, in memory: rows, and the nodes of its tree that are still reached. */
export class MemoryState implements StateView, StateRows {
  readonly #rows = new Map<string, Uint8Array>();
  readonly #nodes = new Map<string, TreeNode>();
  /** All keys in order, until the next block. */
  #sorted: readonly string[] | null = null;
  #height = 0 as Height;
  #root: TreeRoot = null;

  readonly tree: TreeReader = { node: (key) => this.#nodes.get(nodeName(key)) };

  get height(): Height {
    return this.#height;
  }

  get root(): TreeRoot {
    return this.#root;
  }

  get(key: string): Uint8Array | undefined {
    return this.#rows.get(key);
  }

  /** Keys are ASCII: their order is the one of their bytes. */
  keys(prefix: string, after: string | null, limit: number): readonly string[] {
    this.#sorted ??= [...this.#rows.keys()].sort();
    const sorted = this.#sorted;
    const found: string[] = [];
    const from = after ?? prefix;
    for (let i = firstAt(sorted, from); i < sorted.length && found.length < limit; i++) {
      const key = sorted[i] as string;
      if (!key.startsWith(prefix)) break;
      if (key !== after) found.push(key);
    }
    return found;
  }

  apply(height: Height, { changes, tree }: Pick<Execution, 'changes' | 'tree'>): void {
    for (const [key, value] of changes) {
      if (value === null) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
    for (const { key, node } of tree.written) this.#nodes.set(nodeName(key), node);
    for (const key of tree.stale) this.#nodes.delete(nodeName(key));
    this.#sorted = null;
    this.#height = height;
    this.#root = tree.root;
  }
}

/** Where the first key stands that is not before `from`. */
function firstAt(sorted: readonly string[], from: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

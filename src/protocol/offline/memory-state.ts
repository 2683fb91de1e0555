import type { Height } from '../../base/brand.ts';
import type { Execution, StateView } from '../../ledger/chain.ts';
import type { NodeKey, TreeNode, TreeReader, TreeRoot } from '../../ledger/tree/types.ts';

const nodeName = ({ path, version }: NodeKey): string => `${version}/${path}`;

/** The newest state of a chain that is replayed, in memory: rows, and the nodes of its tree that are still reached. */
export class MemoryState implements StateView {
  readonly #rows = new Map<string, Uint8Array>();
  readonly #nodes = new Map<string, TreeNode>();
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

  apply(height: Height, { changes, tree }: Pick<Execution, 'changes' | 'tree'>): void {
    for (const [key, value] of changes) {
      if (value === null) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
    for (const { key, node } of tree.written) this.#nodes.set(nodeName(key), node);
    for (const key of tree.stale) this.#nodes.delete(nodeName(key));
    this.#height = height;
    this.#root = tree.root;
  }
}

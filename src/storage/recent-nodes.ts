import type { NodeKey, TreeNode, TreeUpdate } from '../ledger/tree/types.ts';
import { STORAGE_LIMITS } from './limits.ts';

interface Recent {
  readonly version: number;
  readonly node: TreeNode;
}

/**
 * Durable tree nodes that were read or written lately, at each path the newest. On one chain a path and a version name one node for ever, so
 * this can forget one, but never give a wrong one; whether a height is pruned is asked before its nodes are.
 */
export class RecentNodes {
  readonly #nodes = new Map<string, Recent>();

  get({ path, version }: NodeKey, read: () => TreeNode | undefined): TreeNode | undefined {
    const known = this.#nodes.get(path);
    if (known?.version === version) return known.node;
    const node = read();
    if (node !== undefined && version > (known?.version ?? -1)) this.#put(path, { version, node });
    return node;
  }

  /** A block's nodes are durable: the next block reads them, and none of those that they replace. */
  advance({ written, stale }: TreeUpdate): void {
    for (const { path } of stale) this.#nodes.delete(path);
    for (const { key, node } of written) this.#put(key.path, { version: key.version, node });
  }

  #put(path: string, recent: Recent): void {
    if (this.#nodes.size >= STORAGE_LIMITS.recentNodesMax)
      for (const oldest of this.#nodes.keys()) {
        this.#nodes.delete(oldest);
        break;
      }
    this.#nodes.set(path, recent);
  }
}

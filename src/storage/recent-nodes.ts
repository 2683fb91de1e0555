import type { NodeKey, TreeNode, TreeUpdate } from '../ledger/tree/types.ts';
import { STORAGE_LIMITS } from './limits.ts';

type Recent = TreeUpdate['written'][number];

/**
 * Durable tree nodes that were read or written lately, at each path the newest. On one chain a path and a version name one node for ever, so
 * this can forget one, but never give a wrong one; whether a height is pruned is asked before its nodes are.
 */
export class RecentNodes {
  readonly #nodes = new Map<string, Recent>();

  get(key: NodeKey, read: (key: NodeKey) => TreeNode | undefined): TreeNode | undefined {
    const known = this.#nodes.get(key.path);
    if (known?.key.version === key.version) return known.node;
    const node = read(key);
    if (node !== undefined && key.version > (known?.key.version ?? -1)) this.#put({ key, node });
    return node;
  }

  /** A block's nodes are durable: the next block reads them, and none of those that they replace. */
  advance({ written, stale }: TreeUpdate): void {
    for (const recent of written) this.#put(recent);
    // Most were replaced at their very path.
    for (const { path, version } of stale) if (this.#nodes.get(path)?.key.version === version) this.#nodes.delete(path);
  }

  #put(recent: Recent): void {
    const { path } = recent.key;
    if (this.#nodes.size >= STORAGE_LIMITS.recentNodesMax && !this.#nodes.has(path))
      for (const oldest of this.#nodes.keys()) {
        this.#nodes.delete(oldest);
        break;
      }
    this.#nodes.set(path, recent);
  }
}

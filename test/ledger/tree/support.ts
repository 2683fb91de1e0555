import { createHash } from 'node:crypto';
import type { Hash } from '../../../src/base/brand.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import type { NodeKey, TreeNode, TreeReader, TreeRoot, TreeUpdate } from '../../../src/ledger/tree/types.ts';

export const sha256 = (bytes: Uint8Array): Hash => new Uint8Array(createHash('sha256').update(bytes).digest()) as Hash;

function hashPairs(pairs: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(pairs.length / 2);
  for (let i = 0; i < pairs.length / 64; i++) hashes.set(sha256(pairs.subarray(64 * i, 64 * i + 64)), 32 * i);
  return hashes;
}

/** Hashing alone: all that trees need. */
export const primitives = { name: 'node:crypto hashes', hash: sha256, hashPairs } as unknown as Primitives;

export const keyOf = (name: string): Hash => sha256(utf8(name));
export const storeKey = (key: NodeKey): string => `${key.path}@${key.version}`;

/** A store of nodes that applies updates and counts what it holds. */
export class MemoryTree implements TreeReader {
  readonly nodes = new Map<string, TreeNode>();
  root: TreeRoot = null;

  node(key: NodeKey): TreeNode | undefined {
    return this.nodes.get(storeKey(key));
  }

  apply(update: TreeUpdate): void {
    for (const { key, node } of update.written) {
      if (this.nodes.has(storeKey(key))) throw new Error('a node is written once');
      this.nodes.set(storeKey(key), node);
    }
    this.root = update.root;
  }

  drop(stale: readonly NodeKey[]): void {
    for (const key of stale) if (!this.nodes.delete(storeKey(key))) throw new Error('a stale key names a stored node');
  }

  /** Every node that the newest version reaches. */
  live(): Set<string> {
    const found = new Set<string>();
    const walk = (ref: TreeRoot, path: string): void => {
      if (ref === null) return;
      const key = { path, version: ref.version };
      const node = this.node(key);
      if (node === undefined) throw new Error(`missing ${storeKey(key)}`);
      found.add(storeKey(key));
      if (node.kind === 'leaf') return;
      walk(node.left, `${path}0`);
      walk(node.right, `${path}1`);
    };
    walk(this.root, '');
    return found;
  }
}

import type { Hash } from '../../base/brand.ts';

/**
 * The state is a compressed sparse Merkle tree over SHA-256(key), one bit a level, most significant bit first.
 *
 *   empty subtree            32 zero bytes
 *   leaf                     SHA-256(0x00 ‖ keyHash ‖ valueHash)                    65 bytes hashed
 *   inner node               SHA-256(left ‖ right)                                  64 bytes hashed
 *
 * Lengths and the leaf's tag keep the forms apart. A subtree that holds one leaf *is* that leaf, at whatever depth;
 * on delete, a node whose other child is empty and whose remaining child is a leaf collapses into that leaf.
 * valueHash = SHA-256(value bytes). The state root is the hash of the root node.
 */
export interface LeafNode {
  readonly kind: 'leaf';
  readonly hash: Hash;
  readonly keyHash: Hash;
  readonly valueHash: Hash;
}

/** A child is named by its hash and by the version (block height) that wrote it; `null` is the empty subtree. */
export interface ChildRef {
  readonly hash: Hash;
  readonly version: number;
}
export interface InnerNode {
  readonly kind: 'inner';
  readonly hash: Hash;
  readonly left: ChildRef | null;
  readonly right: ChildRef | null;
}
export type TreeNode = LeafNode | InnerNode;

/** Where a node is stored: its path from the root as '0' and '1' characters, and the version that wrote it. */
export interface NodeKey {
  readonly path: string;
  readonly version: number;
}

/** Reads stored nodes. `undefined` means the node was pruned: callers answer `state.pruned` rather than guess. */
export interface TreeReader {
  node(key: NodeKey): TreeNode | undefined;
}

/** The root of one version; `null` is the empty tree (root hash: 32 zero bytes). */
export type TreeRoot = ChildRef | null;

export interface TreeChange {
  readonly keyHash: Hash;
  /** `null` deletes. */
  readonly valueHash: Hash | null;
}

export interface TreeUpdate {
  readonly root: TreeRoot;
  readonly written: readonly { readonly key: NodeKey; readonly node: TreeNode }[];
  /** Nodes that no later version reads: what pruning may drop once the version before this one is. */
  readonly stale: readonly NodeKey[];
}

/**
 * Presence: the siblings from the root down to the leaf. Absence: the same, ending either in an empty subtree
 * (`leaf: null`) or in the leaf of another key that stands alone where this key would be.
 */
export interface StateProof {
  readonly siblings: readonly Hash[];
  readonly leaf: { readonly keyHash: Hash; readonly valueHash: Hash } | null;
}

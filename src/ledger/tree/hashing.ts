import type { Hash } from '../../base/brand.ts';
import { concat } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { TreeRoot } from './types.ts';

/** One level a bit of the key's hash: no path is longer. */
export const TREE_DEPTH_MAX = 256;

/** The hash of an empty subtree, and of the empty tree. */
export const emptyRoot = new Uint8Array(32) as Hash;

const LEAF_TAG = Uint8Array.of(0x00);

export const leafHash = (primitives: Primitives, keyHash: Hash, valueHash: Hash): Hash =>
  primitives.hash(concat(LEAF_TAG, keyHash, valueHash));

export const innerHash = (primitives: Primitives, left: Hash, right: Hash): Hash =>
  primitives.hash(concat(left, right));

export const rootHashOf = (root: TreeRoot): Hash => root?.hash ?? emptyRoot;

/** The branch that a key takes at a depth: most significant bit of its hash first. */
export const bitAt = (keyHash: Hash, depth: number): 0 | 1 =>
  (((keyHash[depth >> 3] as number) >> (7 - (depth & 7))) & 1) as 0 | 1;

import { assert } from '../base/assert.ts';
import type { Hash } from '../base/brand.ts';
import { concat, equal, u64be } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import * as shape from '../base/shape.ts';

/**
 * The root of a list of 32-byte items: a block's transactions, receipts and evidence (CHAIN.md, "Block").
 *
 *   leaf    SHA-256(0x00 ‖ item)                     33 bytes hashed
 *   inner   SHA-256(left ‖ right)                    64 bytes hashed; an odd last node is carried up, never duplicated
 *   root    SHA-256(0x02 ‖ u64be(count) ‖ top)       41 bytes hashed; the top of an empty list is 32 zero bytes
 *
 * The three lengths differ, so no form passes for another, and the count is bound.
 */
const LEAF_TAG = Uint8Array.of(0x00);
const ROOT_TAG = Uint8Array.of(0x02);
const EMPTY_TOP = new Uint8Array(32) as Hash;
/** Levels above 2^32 leaves: more than any list of the chain. */
const PROOF_SIBLINGS_MAX = 32;

export interface ItemProof {
  readonly index: number;
  readonly count: number;
  /** From the leaf up; a level at which the node is carried has none. */
  readonly siblings: readonly Hash[];
}

export const itemProofShape: shape.Shape<ItemProof> = shape.struct({
  index: shape.uint(2 ** PROOF_SIBLINGS_MAX),
  count: shape.uint(2 ** PROOF_SIBLINGS_MAX),
  siblings: shape.list(shape.hash, PROOF_SIBLINGS_MAX),
});

export function listRoot(primitives: Primitives, items: readonly Hash[]): Hash {
  let level = leavesOf(primitives, items);
  while (level.length > 1) level = parentsOf(primitives, level);
  return bindCount(primitives, items.length, level[0] ?? EMPTY_TOP);
}

/** The proof that `items[index]` is in the list. `index` is one of the list's. */
export function proveItem(primitives: Primitives, items: readonly Hash[], index: number): ItemProof {
  assert(Number.isInteger(index) && index >= 0 && index < items.length, 'a proof is of an item of the list');
  const siblings: Hash[] = [];
  let at = index;
  for (let level = leavesOf(primitives, items); level.length > 1; level = parentsOf(primitives, level)) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) siblings.push(sibling);
    at >>>= 1;
  }
  return { index, count: items.length, siblings };
}

/** True when `root` is of a list of `proof.count` items whose item at `proof.index` is this one. */
export function verifyItem(primitives: Primitives, root: Hash, item: Hash, proof: ItemProof): boolean {
  const { index, count, siblings } = proof;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) return false;
  let hash = leafOf(primitives, item);
  let used = 0;
  for (let at = index, width = count; width > 1; at = Math.floor(at / 2), width = Math.ceil(width / 2)) {
    if (at % 2 === 0 && at + 1 === width) continue; // carried up
    const sibling = siblings[used++];
    if (sibling === undefined) return false;
    hash = primitives.hash(at % 2 === 0 ? concat(hash, sibling) : concat(sibling, hash));
  }
  return used === siblings.length && equal(bindCount(primitives, count, hash), root);
}

const leafOf = (primitives: Primitives, item: Hash): Hash => primitives.hash(concat(LEAF_TAG, item));

const leavesOf = (primitives: Primitives, items: readonly Hash[]): readonly Hash[] =>
  items.map((item) => leafOf(primitives, item));

const bindCount = (primitives: Primitives, count: number, top: Hash): Hash =>
  primitives.hash(concat(ROOT_TAG, u64be(count), top));

function parentsOf(primitives: Primitives, level: readonly Hash[]): readonly Hash[] {
  const even = level.length - (level.length % 2);
  const hashes = primitives.hashPairs(concat(...level.slice(0, even)));
  const parents: Hash[] = [];
  for (let at = 0; at < hashes.length; at += 32) parents.push(hashes.slice(at, at + 32) as Hash);
  if (even < level.length) parents.push(level[even] as Hash);
  return parents;
}

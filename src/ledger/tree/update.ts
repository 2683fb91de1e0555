import { assert } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import { compareBytes, equal } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { type Draft, type DraftLeaf, placeDraft } from './draft.ts';
import { bitAt, TREE_DEPTH_MAX } from './hashing.ts';
import type { ChildRef, NodeKey, TreeChange, TreeNode, TreeReader, TreeRoot, TreeUpdate } from './types.ts';

/**
 * Applies one block's changes to the tree. The result depends on the set of changes, never on their order; a change that
 * changes nothing (the same value again, deleting an absent key) rewrites no node.
 *
 * `version` must exceed every version in the tree, each key may change once, and every node that is read must be stored:
 * the newest version is never pruned. Breaking one of these asserts.
 */
export function updateTree(
  primitives: Primitives,
  reader: TreeReader,
  root: TreeRoot,
  changes: readonly TreeChange[],
  version: number,
): TreeUpdate {
  const sorted = [...changes].sort((a, b) => compareBytes(a.keyHash, b.keyHash));
  for (let i = 1; i < sorted.length; i++)
    assert(!equal((sorted[i - 1] as TreeChange).keyHash, (sorted[i] as TreeChange).keyHash), 'a key changes once');

  const stale: NodeKey[] = [];
  const top = new Updater(reader, version, sorted, stale).change(root, '', 0, sorted.length);
  return { ...placeDraft(primitives, top, version), stale };
}

/** The first pass: which nodes stand where, without hashes. `draft.ts` hashes them level by level. */
class Updater {
  readonly #reader: TreeReader;
  readonly #version: number;
  /** Sorted by key hash. */
  readonly #changes: readonly TreeChange[];
  readonly #stale: NodeKey[];

  constructor(reader: TreeReader, version: number, changes: readonly TreeChange[], stale: NodeKey[]) {
    this.#reader = reader;
    this.#version = version;
    this.#changes = changes;
    this.#stale = stale;
  }

  /** The subtree at `path` after the changes in [from, to), all of which lie under it. */
  change(ref: TreeRoot, path: string, from: number, to: number): Draft {
    if (from === to) return ref === null ? null : { kind: 'kept', ref };
    if (ref === null) return build(this.#leaves(from, to), path);
    const key = { path, version: ref.version };
    const node = this.#read(ref, key);
    if (node.kind === 'leaf') return this.#changeLeaf(ref, key, node, from, to);

    const middle = firstRight(this.#changes, path.length, from, to);
    const left = this.change(node.left, `${path}0`, from, middle);
    const right = this.change(node.right, `${path}1`, middle, to);
    if (isUntouched(left, node.left) && isUntouched(right, node.right)) return { kind: 'kept', ref };
    this.#stale.push(key);
    return this.#join(left, right, path);
  }

  /** A lone leaf: the changes may replace it, delete it, or push it deeper. */
  #changeLeaf(ref: ChildRef, key: NodeKey, leaf: DraftLeaf, from: number, to: number): Draft {
    const leaves = this.#leaves(from, to);
    if (!this.#changesKey(leaf.keyHash, from, to)) {
      leaves.push(leaf);
      leaves.sort((a, b) => compareBytes(a.keyHash, b.keyHash));
    }
    const only = leaves.length === 1 ? (leaves[0] as DraftLeaf) : undefined;
    if (only !== undefined && equal(only.keyHash, leaf.keyHash) && equal(only.valueHash, leaf.valueHash))
      return { kind: 'kept', ref };
    this.#stale.push(key);
    return build(leaves, key.path);
  }

  /** Two subtrees under one node. A leaf beside an empty subtree moves up and stands in the node's place. */
  #join(left: Draft, right: Draft, path: string): Draft {
    if (left !== null && right !== null) return { kind: 'inner', path, left, right };
    const only = left ?? right;
    if (only === null || only.kind === 'leaf') return only;
    if (only.kind === 'kept') {
      const key = { path: `${path}${left === null ? 1 : 0}`, version: only.ref.version };
      const node = this.#read(only.ref, key);
      if (node.kind === 'leaf') {
        this.#stale.push(key);
        return node;
      }
    }
    return { kind: 'inner', path, left, right };
  }

  #read(ref: ChildRef, key: NodeKey): TreeNode {
    assert(ref.version < this.#version, 'a version is written once');
    const node = this.#reader.node(key);
    assert(node !== undefined && equal(node.hash, ref.hash), 'the newest version of the state is whole');
    return node;
  }

  #changesKey(keyHash: Hash, from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (equal((this.#changes[i] as TreeChange).keyHash, keyHash)) return true;
    return false;
  }

  /** What the changes in [from, to) write, in order. */
  #leaves(from: number, to: number): DraftLeaf[] {
    const leaves: DraftLeaf[] = [];
    for (let i = from; i < to; i++) {
      const { keyHash, valueHash } = this.#changes[i] as TreeChange;
      if (valueHash !== null) leaves.push({ kind: 'leaf', keyHash, valueHash });
    }
    return leaves;
  }
}

/** The subtree at `path` that holds exactly the leaves in [from, to), sorted by key hash. */
function build(leaves: readonly DraftLeaf[], path: string, from = 0, to = leaves.length): Draft {
  if (to - from < 2) return from === to ? null : (leaves[from] as DraftLeaf);
  assert(path.length < TREE_DEPTH_MAX, 'two different keys part within 256 bits');
  const middle = firstRight(leaves, path.length, from, to);
  return {
    kind: 'inner',
    path,
    left: build(leaves, `${path}0`, from, middle),
    right: build(leaves, `${path}1`, middle, to),
  };
}

/** Where the right half begins: of the sorted keys in [from, to), which share `depth` bits, the first whose next bit is 1. */
function firstRight(sorted: readonly { readonly keyHash: Hash }[], depth: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt((sorted[middle] as { keyHash: Hash }).keyHash, depth) === 1) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isUntouched = (draft: Draft, before: ChildRef | null): boolean =>
  draft === null ? before === null : draft.kind === 'kept';

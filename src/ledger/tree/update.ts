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
  const top = new Updater(reader, version, stale).change(root, '', sorted);
  return { ...placeDraft(primitives, top, version), stale };
}

/** The first pass: which nodes stand where, without hashes. `draft.ts` hashes them level by level. */
class Updater {
  readonly #reader: TreeReader;
  readonly #version: number;
  readonly #stale: NodeKey[];

  constructor(reader: TreeReader, version: number, stale: NodeKey[]) {
    this.#reader = reader;
    this.#version = version;
    this.#stale = stale;
  }

  /** The subtree at `path` after `changes`, all of which lie under it. */
  change(ref: TreeRoot, path: string, changes: readonly TreeChange[]): Draft {
    if (changes.length === 0) return ref === null ? null : { kind: 'kept', ref };
    if (ref === null) return build(leavesOf(changes), path.length);
    const node = this.#read(ref, path);
    if (node.kind === 'leaf') return this.#changeLeaf(ref, path, node, changes);

    const middle = firstRight(changes, path.length);
    const left = this.change(node.left, `${path}0`, changes.slice(0, middle));
    const right = this.change(node.right, `${path}1`, changes.slice(middle));
    if (isUntouched(left, node.left) && isUntouched(right, node.right)) return { kind: 'kept', ref };
    this.#drop(ref, path);
    return this.#join(left, right, path);
  }

  /** A lone leaf: the changes may replace it, delete it, or push it deeper. */
  #changeLeaf(ref: ChildRef, path: string, leaf: DraftLeaf, changes: readonly TreeChange[]): Draft {
    const leaves = leavesOf(changes);
    if (!changes.some((change) => equal(change.keyHash, leaf.keyHash))) {
      leaves.push(leaf);
      leaves.sort((a, b) => compareBytes(a.keyHash, b.keyHash));
    }
    const only = leaves.length === 1 ? (leaves[0] as DraftLeaf) : undefined;
    if (only !== undefined && equal(only.keyHash, leaf.keyHash) && equal(only.valueHash, leaf.valueHash))
      return { kind: 'kept', ref };
    this.#drop(ref, path);
    return build(leaves, path.length);
  }

  /** Two subtrees under one node. A leaf beside an empty subtree moves up and stands in the node's place. */
  #join(left: Draft, right: Draft, path: string): Draft {
    if (left !== null && right !== null) return { kind: 'inner', left, right };
    const only = left ?? right;
    if (only === null || only.kind === 'leaf') return only;
    if (only.kind === 'kept') {
      const childPath = `${path}${left === null ? 1 : 0}`;
      const node = this.#read(only.ref, childPath);
      if (node.kind === 'leaf') {
        this.#drop(only.ref, childPath);
        return node;
      }
    }
    return { kind: 'inner', left, right };
  }

  #read(ref: ChildRef, path: string): TreeNode {
    assert(ref.version < this.#version, 'a version is written once');
    const node = this.#reader.node({ path, version: ref.version });
    assert(node !== undefined && equal(node.hash, ref.hash), 'the newest version of the state is whole');
    return node;
  }

  #drop(ref: ChildRef, path: string): void {
    this.#stale.push({ path, version: ref.version });
  }
}

/** The subtree at `depth` that holds exactly these leaves, sorted by key hash. */
function build(leaves: readonly DraftLeaf[], depth: number): Draft {
  if (leaves.length < 2) return leaves[0] ?? null;
  assert(depth < TREE_DEPTH_MAX, 'two different keys part within 256 bits');
  const middle = firstRight(leaves, depth);
  return {
    kind: 'inner',
    left: build(leaves.slice(0, middle), depth + 1),
    right: build(leaves.slice(middle), depth + 1),
  };
}

function leavesOf(changes: readonly TreeChange[]): DraftLeaf[] {
  const leaves: DraftLeaf[] = [];
  for (const { keyHash, valueHash } of changes)
    if (valueHash !== null) leaves.push({ kind: 'leaf', keyHash, valueHash });
  return leaves;
}

/** Where the right half begins: of sorted keys that share `depth` bits, the first whose next bit is 1. */
function firstRight(sorted: readonly { readonly keyHash: Hash }[], depth: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt((sorted[middle] as { keyHash: Hash }).keyHash, depth) === 1) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isUntouched = (draft: Draft, before: ChildRef | null): boolean =>
  draft === null ? before === null : draft.kind === 'kept';

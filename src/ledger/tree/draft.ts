import type { Hash } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import { emptyRoot, leafHash } from './hashing.ts';
import type { ChildRef, InnerNode, TreeNode, TreeRoot, TreeUpdate } from './types.ts';

export interface DraftLeaf {
  readonly kind: 'leaf';
  readonly keyHash: Hash;
  readonly valueHash: Hash;
}
export interface DraftInner {
  readonly kind: 'inner';
  readonly left: Draft;
  readonly right: Draft;
}
/** A subtree before hashing: empty, stored and untouched, or new. */
export type Draft = null | { readonly kind: 'kept'; readonly ref: ChildRef } | DraftLeaf | DraftInner;

type Write = { path: string; node: TreeNode };
type PendingInner = { readonly path: string; readonly draft: DraftInner };

/**
 * Gives every new node its path, version and hash. Inner nodes are hashed a level at a time, deepest first, so that one call
 * of `hashPairs` covers a level (a batched SHA-256 of 64 bytes costs a tenth of a single one).
 */
export function placeDraft(primitives: Primitives, top: Draft, version: number): Pick<TreeUpdate, 'root' | 'written'> {
  const refs = new Map<Draft, ChildRef>();
  const levels: PendingInner[][] = [];
  const written: Write[] = [];

  const place = (draft: Draft, path: string): void => {
    if (draft === null) return;
    if (draft.kind === 'kept') {
      refs.set(draft, draft.ref);
    } else if (draft.kind === 'leaf') {
      const hash = leafHash(primitives, draft.keyHash, draft.valueHash);
      const { keyHash, valueHash } = draft;
      written.push({ path, node: { kind: 'leaf', hash, keyHash, valueHash } });
      refs.set(draft, { hash, version });
    } else {
      if (levels[path.length] === undefined) levels[path.length] = [];
      levels[path.length]?.push({ path, draft });
      place(draft.left, `${path}0`);
      place(draft.right, `${path}1`);
    }
  };
  place(top, '');

  const refOf = (draft: Draft): TreeRoot => (draft === null ? null : (refs.get(draft) as ChildRef));
  for (let depth = levels.length - 1; depth >= 0; depth--)
    for (const { path, draft, node } of hashLevel(primitives, levels[depth] ?? [], refOf)) {
      written.push({ path, node });
      refs.set(draft, { hash: node.hash, version });
    }
  return { root: refOf(top), written: written.map(({ path, node }) => ({ key: { path, version }, node })) };
}

function hashLevel(
  primitives: Primitives,
  level: readonly PendingInner[],
  refOf: (draft: Draft) => TreeRoot,
): readonly (PendingInner & { readonly node: InnerNode })[] {
  const pairs = new Uint8Array(64 * level.length);
  const children = level.map(({ draft }) => ({ left: refOf(draft.left), right: refOf(draft.right) }));
  children.forEach(({ left, right }, i) => {
    pairs.set(left?.hash ?? emptyRoot, 64 * i);
    pairs.set(right?.hash ?? emptyRoot, 64 * i + 32);
  });
  const hashes = primitives.hashPairs(pairs);
  return level.map((pending, i) => {
    const hash = hashes.slice(32 * i, 32 * i + 32) as Hash;
    return { ...pending, node: { kind: 'inner', hash, ...(children[i] as { left: TreeRoot; right: TreeRoot }) } };
  });
}

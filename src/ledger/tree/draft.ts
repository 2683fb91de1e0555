import type { Hash } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import { emptyRoot, leafHash } from './hashing.ts';
import type { ChildRef, TreeRoot, TreeUpdate } from './types.ts';

export interface DraftLeaf {
  readonly kind: 'leaf';
  readonly keyHash: Hash;
  readonly valueHash: Hash;
}
export interface DraftInner {
  readonly kind: 'inner';
  /** Where it stands: the very string under which it is stored and remembered, so that its text is hashed once. */
  readonly path: string;
  readonly left: Draft;
  readonly right: Draft;
}
/** A subtree before hashing: empty, stored and untouched, or new. */
export type Draft = null | { readonly kind: 'kept'; readonly ref: ChildRef } | DraftLeaf | DraftInner;

type Written = TreeUpdate['written'][number];

/** A new inner node. Its parent holds `ref` before the hash is known. */
interface PendingInner {
  readonly path: string;
  readonly left: TreeRoot;
  readonly right: TreeRoot;
  readonly ref: { hash: Hash; readonly version: number };
}

/**
 * Gives every new node its path, version and hash. Inner nodes are hashed a level at a time, deepest first, so that one call
 * of `hashPairs` covers a level (a batched SHA-256 of 64 bytes costs a tenth of a single one).
 */
export function placeDraft(primitives: Primitives, top: Draft, version: number): Pick<TreeUpdate, 'root' | 'written'> {
  const levels: PendingInner[][] = [];
  const written: Written[] = [];

  const place = (draft: Draft, above: string, bit: '' | '0' | '1'): TreeRoot => {
    if (draft === null) return null;
    if (draft.kind === 'kept') return draft.ref;
    if (draft.kind === 'leaf') {
      const { keyHash, valueHash } = draft;
      const hash = leafHash(primitives, keyHash, valueHash);
      written.push({ key: { path: above + bit, version }, node: { kind: 'leaf', hash, keyHash, valueHash } });
      return { hash, version };
    }
    const { path } = draft;
    const [left, right] = [place(draft.left, path, '0'), place(draft.right, path, '1')];
    const ref = { hash: emptyRoot, version };
    levels[path.length] ??= [];
    levels[path.length]?.push({ path, left, right, ref });
    return ref;
  };
  const root = place(top, '', '');

  for (let depth = levels.length - 1; depth >= 0; depth--) hashLevel(primitives, levels[depth] ?? [], version, written);
  return { root, written };
}

/** The children of these nodes are hashed. */
function hashLevel(primitives: Primitives, level: readonly PendingInner[], version: number, written: Written[]): void {
  const pairs = new Uint8Array(64 * level.length);
  level.forEach(({ left, right }, i) => {
    pairs.set(left?.hash ?? emptyRoot, 64 * i);
    pairs.set(right?.hash ?? emptyRoot, 64 * i + 32);
  });
  const hashes = primitives.hashPairs(pairs);
  level.forEach(({ path, left, right, ref }, i) => {
    ref.hash = hashes.slice(32 * i, 32 * i + 32) as Hash;
    written.push({ key: { path, version }, node: { kind: 'inner', hash: ref.hash, left, right } });
  });
}

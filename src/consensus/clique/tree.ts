import type { Hash } from '../../base/brand.ts';
import type { SignedVote } from '../vote.ts';
import type { Candidate } from './fork-choice.ts';
import type { BlockMessage } from './messages.ts';

/** One link of a chain. An acknowledgement is a link too, at a height of its own, that the host never sees (CLIQUE-12). */
export interface Link extends Candidate {
  readonly id: Hash;
  /** Key of the link below. */
  readonly parent: string;
}

/** An unfinal block or acknowledgement, whose parent is the root or another one. */
export interface Node extends Link {
  readonly parentHash: Hash;
  readonly seal: SignedVote;
  /** Null for an acknowledgement. */
  readonly block: Uint8Array | null;
  readonly valid: boolean;
  /** The strictest question put to the host so far; `stale`: refused, perhaps only by the clock. */
  readonly asked: 'nothing' | 'fresh' | 'stale' | 'timeless';
  readonly outstanding: number;
  /** Held to no clock from the beginning (CLIQUE-3). */
  readonly timeless: boolean;
  readonly changesSet: boolean;
}

/** A confirmed block; `round` is what its children count from (CLIQUE-12). What is below the first one that this process confirmed is known by its links at most. */
export interface Past extends Link {
  readonly message: BlockMessage | null;
}

/** The newest confirmed block: what the tree stands on. */
export interface Root extends Link {
  /** What a child's total difficulty is counted from: `round`, or above it where a new set begins (CLIQUE-12). */
  readonly base: number;
}

export type Tree = ReadonlyMap<string, Node>;

/** Links from `key` down to the root, which is left out. */
export function pathOf(tree: Tree, key: string): readonly Node[] {
  const path: Node[] = [];
  for (let node = tree.get(key); node !== undefined; node = tree.get(node.parent)) path.push(node);
  return path;
}

export const childrenOf = (tree: Tree, key: string): readonly Node[] =>
  [...tree.values()].filter(({ parent }) => parent === key);

/** The tree without `key` and all above it. A parent is always older in the map than its children. */
export function without(tree: Tree, key: string): Tree {
  const gone = new Set([key]);
  const kept = new Map<string, Node>();
  for (const node of tree.values()) {
    if (gone.has(node.key) || gone.has(node.parent)) gone.add(node.key);
    else kept.set(node.key, node);
  }
  return kept;
}

/** The nodes above `key`. */
export function above(tree: Tree, key: string): Tree {
  const kept = new Map<string, Node>();
  for (const node of tree.values()) if (node.parent === key || kept.has(node.parent)) kept.set(node.key, node);
  return kept;
}

export const isAck = (node: { readonly block: Uint8Array | null }): boolean => node.block === null;

/** Nothing but acknowledgements may stand on it (CLIQUE-12). */
export const endsSet = (node: Node): boolean => node.changesSet || isAck(node);

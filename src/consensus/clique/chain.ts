import { recentLimit } from './rules.ts';
import type { CliqueState } from './state.ts';
import type { Link } from './tree.ts';

/** A link wherever it is: above the root, at or below it, or on a chain that left ours. */
export const linkOf = (state: CliqueState, key: string): Link | undefined =>
  state.tree.get(key) ?? state.past.findLast((past) => past.key === key) ?? state.rivals.get(key);

/** Links from `key` downwards, as far as they are known. */
export function* downFrom(state: CliqueState, key: string): Generator<Link> {
  for (let link = linkOf(state, key); link !== undefined; link = linkOf(state, link.parent)) yield link;
}

/**
 * CLIQUE-5: whether `sealer` sealed one of the ⌊n/2⌋ links from `parent` downwards. Where a fresh start does not know what lies below,
 * that part of the window forbids nothing.
 */
export function sealedRecently(state: CliqueState, parent: string, sealer: string): boolean {
  let left = recentLimit(state.set.length) - 1;
  for (const link of downFrom(state, parent)) {
    if (left-- <= 0) return false;
    if (link.sealer === sealer) return true;
  }
  return false;
}

/** The links of `from` that `to` does not stand on. */
export function droppedBetween(state: CliqueState, from: string, to: string): readonly Link[] {
  const kept = new Set<string>();
  for (const { key } of downFrom(state, to)) kept.add(key);
  const dropped: Link[] = [];
  for (const link of downFrom(state, from)) {
    if (kept.has(link.key)) break;
    dropped.push(link);
  }
  return dropped;
}

import type { CheckerOf } from './checker.ts';

/** A transaction stands at most once in a chain, whatever signature it carries. */
export const transactionsOnce: CheckerOf = (_world, report) => {
  /** By block: the ids it holds and its parent. Forks of clique may each hold one. */
  const heldAt = new Map<string, { readonly block: string; readonly height: number }[]>();
  const parents = new Map<string, string>();

  const isAncestor = (older: string, height: number, of: string, ofHeight: number): boolean => {
    let at: string | undefined = of;
    for (let h = ofHeight; h > height && at !== undefined; h--) at = parents.get(at);
    return at === older;
  };

  return {
    commit({ height, block, first }) {
      if (!first) return;
      parents.set(block.hash, block.parent);
      for (const seen of block.read) {
        if (seen === null) {
          report(`block ${height} holds bytes that are no transaction`);
          continue;
        }
        const places = heldAt.get(seen.id) ?? [];
        const before = places.find((place) => isAncestor(place.block, place.height, block.hash, height));
        if (before !== undefined) report(`transaction ${seen.id} is in blocks ${before.height} and ${height}`);
        heldAt.set(seen.id, [...places, { block: block.hash, height }]);
      }
    },
  };
};

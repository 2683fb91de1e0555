import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Head } from '../engine.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { chainTo, isHeld, knownBlock, type SimplexState } from './state.ts';
import { notarisedBy, type Point, pointOf } from './views.ts';

/**
 * What a proposal of our view may stand on (SIMPLEX-5): a block notarised in a view p such that every view between p and ours is
 * nullified. From the newest p down.
 *
 * A final block's view cannot be nullified, since two quorums share an honest validator and none both finalises and nullifies. So no
 * ladder leads below it.
 */
export interface Ladder {
  readonly rungs: readonly Point[];
  /** A view that we know neither way: the certificates we lack begin here and below. */
  readonly gap: number | null;
}

export function ladderOf(state: SimplexState): Ladder {
  const { root, forgotten, views } = state;
  const rungs: Point[] = [];
  for (let view = state.view - 1; ; view--) {
    if (forgotten !== null && view <= forgotten.to && view >= forgotten.from) view = forgotten.from - 1;
    const record = views.get(view);
    const notarised = notarisedBy(record);
    if (notarised !== null) rungs.push(pointOf(notarised));
    if (view <= root.view) {
      // What made the root final may have been votes for a descendant: then that one is what this view notarised.
      if (notarised === null) rungs.push(root);
      return { rungs, gap: null };
    }
    if (record?.nullification != null) continue;
    return { rungs, gap: notarised === null ? view : null };
  }
}

export const rungOf = ({ rungs }: Ladder, hash: Hash): Point | undefined =>
  rungs.find((rung) => equal(rung.hash, hash));

/** The newest rung whose block we hold, or null while something is missing. Every rung will do: above each, all is nullified. */
export const baseOf = (state: SimplexState): Point | null =>
  ladderOf(state).rungs.find((rung) => isHeld(state, rung.hash)) ?? null;

/**
 * SIMPLEX-9: nothing is built on a block that changes the set, on the last of as many unfinal ones as a certificate's path may name,
 * or where the signing state could not hold the chain.
 */
export function mayBuildOn(state: SimplexState, { hash }: Point): boolean {
  if (equal(hash, state.root.hash)) return true;
  const chain = chainTo(state, hash);
  if (chain === null || knownBlock(state, hash)?.changesSet === true) return false;
  const unfinal = chain.filter(({ height }) => height > state.committed.height).length;
  return (
    unfinal < SIMPLEX_LIMITS.unfinalBlocksMax &&
    chain.length < SIMPLEX_LIMITS.heldBlocksMax &&
    bytesOf(chain) + LIMITS.blockBytesMax <= SIMPLEX_LIMITS.lockedBytesMax
  );
}

export const bytesOf = (chain: readonly { readonly block: Uint8Array }[]): number =>
  chain.reduce((sum, { block }) => sum + block.length, 0);

/** The newest notarised block that we hold; else the newest committed one. */
export function headOf(state: SimplexState): Head | null {
  if (state.phase === 'idle') return null;
  const base = baseOf(state);
  return base === null || base.height < state.committed.height
    ? state.committed
    : { height: base.height, blockHash: base.hash };
}

/** The newest view that notarised a block which we hold: on a lower one nothing need ever be built. */
export function newestHeldView(state: SimplexState): number {
  let newest = state.root.view;
  for (const [view, record] of state.views) {
    const notarised = notarisedBy(record);
    if (notarised !== null && view > newest && isHeld(state, notarised.blockHash)) newest = view;
  }
  return newest;
}

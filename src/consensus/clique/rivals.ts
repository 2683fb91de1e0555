import { keyOf } from '../key.ts';
import { downFrom, linkOf, sealedRecently } from './chain.ts';
import { windowOf } from './limits.ts';
import { takeOrphans } from './orphans.ts';
import { difficultyOf, recentLimit } from './rules.ts';
import { type CliqueState, headLink, type Incoming } from './state.ts';
import type { Link } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

/**
 * Chains that left ours below the newest confirmed block. We cannot follow them: what was confirmed would be reversed. So their blocks
 * are not judged, only their seals are weighed.
 */
export const isRivalParent = ({ past, root, rivals }: CliqueState, key: string): boolean =>
  rivals.has(key) || past.some((link) => link.key === key && link.key !== root.key);

export function placeRival(turn: Turn, { key, id, seal, parentHash }: Incoming): void {
  const { state } = turn;
  const parent = linkOf(state, keyOf(parentHash));
  const sealer = keyOf(seal.validator);
  if (parent === undefined || seal.type !== 'seal' || seal.height !== parent.height + 1) return;
  if (seal.round !== parent.round + difficultyOf(state.set, seal.height, sealer)) return;
  if (sealedRecently(state, parent.key, sealer)) return;
  const rival = { key, id, parent: parent.key, height: seal.height, round: seal.round, sealer };
  change(turn, { rivals: addRivals(state, [rival]) });
  weigh(turn, rival);
  takeOrphans(turn, key);
}

/** Forgets those that left before the blocks we remember, and the oldest beyond the window. */
export function addRivals({ rivals, past, config }: CliqueState, added: readonly Link[]): ReadonlyMap<string, Link> {
  const lowest = past[0]?.height ?? 0;
  const all = new Map([...rivals].filter(([, { height }]) => height > lowest));
  for (const link of added) all.set(link.key, link);
  for (const oldest of all.keys()) {
    if (all.size <= windowOf(config.confirmationDepth)) break;
    all.delete(oldest);
  }
  return all;
}

/**
 * CLIQUE-10: a chain that is heavier than ours, sealed by more than half of the set since it left us. Fewer might all be dishonest;
 * among so many is one who judged the blocks below its own.
 */
function weigh(turn: Turn, rival: Link): void {
  const { state } = turn;
  note(turn, 10);
  if (rival.round <= headLink(state).round) return;
  const sealers = new Set<string>();
  for (const { key, sealer } of downFrom(state, rival.key)) {
    if (!state.rivals.has(key)) break;
    sealers.add(sealer);
  }
  if (sealers.size < recentLimit(state.set.length)) return;
  change(turn, { phase: 'halted' });
  turn.effects.push({ type: 'halt', code: 'clique.deep-reversal' });
}

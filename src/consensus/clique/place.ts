import { keyOf } from '../key.ts';
import { attach } from './attach.ts';
import { hold } from './orphans.ts';
import { isRivalParent, placeRival } from './rivals.ts';
import type { Incoming } from './state.ts';
import type { Turn } from './turn.ts';

/** Where a well-signed block belongs: on our tree, on a chain that left it below the root, or among those that wait. */
export function place(turn: Turn, incoming: Incoming): void {
  const { state } = turn;
  const parent = keyOf(incoming.parentHash);
  if (state.tree.has(incoming.key)) return;
  if (parent === state.root.key || state.tree.has(parent)) attach(turn, incoming);
  else if (isRivalParent(state, parent)) placeRival(turn, incoming);
  else hold(turn, incoming);
}

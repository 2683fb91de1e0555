import { droppedBetween } from './chain.ts';
import { compareHeads } from './fork-choice.ts';
import { headLink } from './state.ts';
import { change, note, type Turn } from './turn.ts';

/** CLIQUE-6: the better of the head and a link just found valid. What the new head does not stand on is dropped (CLIQUE-14). */
export function improveHead(turn: Turn, key: string): void {
  const { state } = turn;
  const [node, head] = [state.tree.get(key), headLink(state)];
  note(turn, 6);
  if (node === undefined || compareHeads(state.set, node, head) >= 0) return;
  const dropped = node.parent === head.key ? 0 : droppedBetween(state, head.key, key).length;
  if (dropped > 0) note(turn, 14);
  change(turn, { head: key, deepestReversal: Math.max(state.deepestReversal, dropped) });
}

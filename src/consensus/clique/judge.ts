import type { Hash, Height } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import { improveHead } from './head.ts';
import { CLIQUE_LIMITS } from './limits.ts';
import type { CliqueState } from './state.ts';
import { childrenOf, endsSet, isAck, type Node, without } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

/** Whether the parent is known to be one that this may stand on. */
export function isReady(state: CliqueState, node: Node): boolean {
  if (node.parent === state.root.key) return !isAck(node);
  const parent = state.tree.get(node.parent);
  return parent?.valid === true && endsSet(parent) === isAck(node);
}

/** Whether a validator other than its sealer sealed on it. */
export const vouched = ({ tree }: CliqueState, node: Node): boolean =>
  childrenOf(tree, node.key).some(({ sealer }) => sealer !== node.sealer);

/**
 * Asks the host for a verdict (CLIQUE-3). A new block is held to the clock. One that another validator sealed on, that sync brought or
 * that is offered again after the clock may have refused it is not: a late block must not be lost for good.
 */
export function ask(turn: Turn, key: string, timeless: boolean): void {
  const node = turn.state.tree.get(key);
  if (node === undefined || node.valid || node.block === null || !isReady(turn.state, node)) return;
  const fresh = !timeless && !node.timeless && node.asked !== 'stale';
  if (node.outstanding > 0 && (fresh || node.asked === 'timeless')) return;
  if (fresh && freshOutstanding(turn.state) >= CLIQUE_LIMITS.freshVerdictsMax) return;
  note(turn, 3);
  update(turn, { ...node, asked: fresh ? 'fresh' : 'timeless', outstanding: node.outstanding + 1 });
  const { id: blockHash, parentHash, block, seal } = node;
  const height = node.height as Height;
  turn.effects.push({ type: 'judge', height, parentHash, blockHash, block, leader: seal.validator, fresh });
}

/** The host's answer. Bytes that are refused without regard to the clock are forgotten: others may have the true ones. */
export function onJudged(turn: Turn, blockHash: Hash, valid: boolean, changesSet: boolean): void {
  const node = turn.state.tree.get(keyOf(blockHash));
  if (node === undefined || node.outstanding === 0) return;
  const outstanding = node.outstanding - 1;
  update(turn, { ...node, outstanding });
  if (node.valid) return;
  if (valid) accept(turn, node.key, changesSet);
  else if (outstanding > 0) return;
  else if (node.asked === 'fresh') update(turn, { ...node, outstanding, asked: 'stale' });
  else change(turn, { tree: without(turn.state.tree, node.key) });
}

/** A valid link may be the head, and what waited on it is looked at. */
export function accept(turn: Turn, key: string, changesSet: boolean): void {
  const node = turn.state.tree.get(key);
  if (node === undefined || node.valid) return;
  update(turn, { ...node, valid: true, changesSet });
  improveHead(turn, key);
  for (const child of childrenOf(turn.state.tree, key)) {
    if (!isReady(turn.state, child)) change(turn, { tree: without(turn.state.tree, child.key) });
    else if (isAck(child)) accept(turn, child.key, false);
    else ask(turn, child.key, vouched(turn.state, child));
  }
}

const freshOutstanding = ({ tree }: CliqueState): number =>
  [...tree.values()].filter(({ asked, outstanding }) => asked === 'fresh' && outstanding > 0).length;

function update(turn: Turn, node: Node): void {
  change(turn, { tree: new Map(turn.state.tree).set(node.key, node) });
}

import { equal } from '../../base/bytes.ts';
import { keyOf } from '../key.ts';
import { sealedRecently } from './chain.ts';
import { compareHeads } from './fork-choice.ts';
import { accept, ask, isReady, vouched } from './judge.ts';
import { windowOf } from './limits.ts';
import { request, takeOrphans } from './orphans.ts';
import { difficultyOf } from './rules.ts';
import { baseOf, type CliqueState, type Incoming } from './state.ts';
import { endsSet, isAck, type Link, type Node, pathOf } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

/** Puts a well-signed block on its parent, the root or a node. `own`: built here, so it needs no verdict. */
export function attach(turn: Turn, incoming: Incoming, own?: { readonly changesSet: boolean }): void {
  const { state } = turn;
  const parent = state.tree.get(keyOf(incoming.parentHash)) ?? state.root;
  const node = nodeOn(turn, parent, incoming);
  if (node === null) return;
  if (incoming.block === undefined) {
    request(turn, incoming.from, incoming.id);
    return;
  }
  if (!makeRoom(turn, parent.key)) return;
  change(turn, { tree: new Map(turn.state.tree).set(node.key, node) });
  vouch(turn, node);
  takeOrphans(turn, node.key);
  if (own !== undefined) accept(turn, node.key, own.changesSet);
  else if (!isReady(turn.state, node)) return;
  else if (isAck(node)) accept(turn, node.key, false);
  else ask(turn, node.key, vouched(turn.state, node));
}

/** The node that this becomes, or null where the rules on seals refuse it: they say everything that a block itself does not. */
function nodeOn(turn: Turn, parent: Link, incoming: Incoming): Node | null {
  const { state } = turn;
  const { seal, key, id, parentHash, timeless } = incoming;
  const block = incoming.block ?? null;
  const height = parent.height + 1;
  const sealer = keyOf(seal.validator);
  note(turn, 4);
  if (seal.round !== baseOf(state, parent) + difficultyOf(state.set, height, sealer)) return null;
  if (!standsOn(turn, parent, incoming, height)) return null;
  note(turn, 5);
  if (sealedRecently(state, parent.key, sealer)) return null;
  return {
    key,
    id,
    parent: parent.key,
    parentHash,
    height,
    round: seal.round,
    sealer,
    seal,
    block,
    timeless,
    valid: false,
    asked: 'nothing',
    outstanding: 0,
    changesSet: false,
  };
}

/** CLIQUE-12: blocks stand on blocks; acknowledgements on the block that they confirm, or on another for it. */
function standsOn({ state, rules }: Turn, parent: Link, { seal }: Incoming, height: number): boolean {
  const below = state.tree.get(parent.key);
  const mayEnd = below !== undefined && (!below.valid || endsSet(below));
  if (seal.type === 'ack') {
    rules.add('CLIQUE-12');
    return mayEnd && seal.height === below.seal.height && equal(seal.blockHash, below.seal.blockHash);
  }
  const mustEnd = below !== undefined && endsSet(below);
  return seal.height === height && !mustEnd;
}

/** A block that another validator sealed on is held to no clock: that one judged it valid (CLIQUE-3). */
function vouch(turn: Turn, child: Node): void {
  const parent = turn.state.tree.get(child.parent);
  if (parent !== undefined && parent.sealer !== child.sealer) ask(turn, parent.key, true);
}

/** Where the window is full, the worst tip that neither the head nor the newcomer stands on goes. */
function makeRoom(turn: Turn, parent: string): boolean {
  const { state } = turn;
  if (state.tree.size < windowOf(state.config.confirmationDepth)) return true;
  const worst = worstTip(state, parent);
  if (worst === undefined) return false;
  const tree = new Map(state.tree);
  tree.delete(worst.key);
  change(turn, { tree });
  return true;
}

function worstTip(state: CliqueState, parent: string): Node | undefined {
  const needed = new Set([parent, ...pathOf(state.tree, state.head).map(({ key }) => key)]);
  for (const node of state.tree.values()) needed.add(node.parent);
  const tips = [...state.tree.values()].filter(({ key }) => !needed.has(key));
  return tips.sort((a, b) => compareHeads(state.set, a, b)).at(-1);
}

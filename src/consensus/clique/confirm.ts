import type { Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Certificate } from '../engine.ts';
import { persistTrail } from './cast.ts';
import { pastOf } from './limits.ts';
import { blockMessage, type Signed } from './messages.ts';
import { addRivals } from './rivals.ts';
import { type CliqueState, headLink } from './state.ts';
import { above, endsSet, isAck, type Link, type Node, type Past, pathOf } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

/** CLIQUE-9: blocks that the confirmation depth lies on top of are committed, lowest first. That is a habit, not a proof. */
export function confirm(turn: Turn): void {
  const { state } = turn;
  const top = topOf(state);
  const confirmedHeight = top.height - state.config.confirmationDepth;
  if (state.phase !== 'running' || confirmedHeight <= state.root.height) return;
  note(turn, 9);
  const path = [...pathOf(state.tree, top.key)].reverse();
  const confirmed = path
    .filter((node) => !isAck(node) && node.height <= confirmedHeight)
    .map((node) => pastFrom(node, path));
  advance(turn, path, confirmed);
  persistTrail(turn);
  for (const { message, height } of confirmed) commit(turn, height, message);
  endSet(turn, confirmed.at(-1) as Confirmed);
}

/**
 * The head, and where the set ends the highest acknowledgement of its block: whichever of them the fork choice prefers, they confirm the
 * same block. Whoever went on by others than ours acknowledges no more, so ours might never be enough (CLIQUE-12).
 */
function topOf(state: CliqueState): Link {
  const head = state.tree.get(state.head);
  if (head === undefined || !endsSet(head)) return headLink(state);
  const acks = [...state.tree.values()].filter(
    (node) => isAck(node) && node.valid && equal(node.seal.blockHash, head.seal.blockHash),
  );
  return acks.reduce((highest, ack) => (ack.height > highest.height ? ack : highest), head);
}

interface Confirmed extends Past {
  readonly message: NonNullable<Past['message']>;
  readonly changesSet: boolean;
}

/** The last block of a set carries the acknowledgements that confirm it (CLIQUE-12). */
function pastFrom(node: Node, path: readonly Node[]): Confirmed {
  const { key, id, parent, height, round, sealer, seal, parentHash, block, changesSet } = node;
  const acks = changesSet ? path.filter(isAck).map((ack): Signed => signatureOf(ack.seal)) : [];
  const message = blockMessage(seal, parentHash, block as Uint8Array, acks);
  return { key, id, parent, height, round, sealer, message, changesSet };
}

function commit(turn: Turn, height: number, { seal, block, acks }: Confirmed['message']): void {
  const certificate: Certificate = {
    engine: 'clique',
    height: height as Height,
    round: seal.round as Round,
    blockHash: seal.blockHash,
    signatures: [signatureOf(seal), ...acks],
    path: [],
  };
  turn.effects.push({ type: 'commit', height: height as Height, blockHash: seal.blockHash, block, certificate });
}

const signatureOf = ({ validator, signature }: Signed): Signed => ({ validator, signature });

function advance(turn: Turn, path: readonly Node[], confirmed: readonly Confirmed[]): void {
  const { state } = turn;
  const last = confirmed.at(-1) as Confirmed;
  const tree = above(state.tree, last.key);
  const past = [...state.past, ...confirmed].slice(-pastOf(state.config.confirmationDepth));
  const onPath = new Set(path.map(({ key }) => key));
  const left = [...state.tree.values()].filter((node) => !tree.has(node.key) && !onPath.has(node.key) && !isAck(node));
  const rivals = addRivals({ ...state, past }, left);
  const lowest = past[0]?.height ?? 0;
  const orphans = new Map([...state.orphans].filter(([, [first]]) => (first?.seal.height ?? 0) > lowest));
  const { key, id, parent, height, round, sealer } = last;
  const root = { key, id, parent, height, round, sealer, base: round };
  change(turn, { tree, past, rivals, orphans, root });
}

/** CLIQUE-12: what decides the next height is the host's to say. */
function endSet(turn: Turn, { changesSet, key }: Confirmed): void {
  if (!changesSet) return;
  note(turn, 12);
  change(turn, {
    phase: 'between-sets',
    tree: new Map(),
    head: key,
    due: null,
    waiting: null,
    ripe: null,
    making: null,
  });
}

import type { Address } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import { acksOn } from './acks.ts';
import { linkOf } from './chain.ts';
import { examine, isSigned } from './examine.ts';
import { ask } from './judge.ts';
import { CLIQUE_LIMITS, windowOf } from './limits.ts';
import type { AckMessage, BlockMessage } from './messages.ts';
import { place } from './place.ts';
import { type CliqueState, headLink, type Incoming } from './state.ts';
import { idOf, note, type Turn } from './turn.ts';

/** A sealed block, pushed, asked for, synced or our own. */
export function onBlock(turn: Turn, from: Address, message: BlockMessage): void {
  const { seal, parentHash, block, synced: timeless } = message;
  const key = keyOf(seal.blockHash);
  if (turn.state.tree.has(key)) ask(turn, key, timeless);
  else take(turn, { key, id: seal.blockHash, parentHash, seal, block, timeless, from });
  const node = turn.state.tree.get(key);
  if (node === undefined) return;
  for (const vote of acksOn(turn.state, node, message.acks)) onAck(turn, from, { type: 'ack', seal: vote });
}

export function onAck(turn: Turn, from: Address, { seal }: AckMessage): void {
  const { preparedHash } = seal;
  const id = idOf(turn.state, seal);
  if (preparedHash === null || turn.state.tree.has(keyOf(id))) return;
  take(turn, { key: keyOf(id), id, parentHash: preparedHash, seal, block: null, timeless: true, from });
}

function take(turn: Turn, incoming: Incoming): void {
  const { state } = turn;
  const { key, seal, from } = incoming;
  if (linkOf(state, key) !== undefined || isForgotten(state, seal)) return;
  if (isFarAhead(state, seal)) reportBehind(turn, from, seal);
  else if (!isSurplus(state, incoming) && examine(turn, seal)) place(turn, incoming);
}

/** Below everything that we remember. */
export const isForgotten = ({ past }: CliqueState, seal: SignedVote): boolean => seal.height <= (past[0]?.height ?? 0);

/** CLIQUE-13: further above the head than what we would ask for one by one. */
export const isFarAhead = (state: CliqueState, seal: SignedVote): boolean =>
  seal.height > headLink(state).height + windowOf(state.config.confirmationDepth);

export function reportBehind(turn: Turn, from: Address, seal: SignedVote): void {
  if (!isSigned(turn, seal)) return;
  note(turn, 13);
  turn.effects.push({ type: 'behind', height: seal.height, from });
}

/** A validator that seals one place over and over is heard twice: that is the evidence. More only where another chain stands on it. */
function isSurplus({ tree, requested }: CliqueState, { key, seal }: Incoming): boolean {
  if (requested.has(key)) return false;
  const sealer = keyOf(seal.validator);
  let rivals = 0;
  for (const node of tree.values())
    if (node.round === seal.round && node.seal.height === seal.height && node.sealer === sealer) rivals++;
  return rivals >= CLIQUE_LIMITS.blocksPerPlaceMax;
}

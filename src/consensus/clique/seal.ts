import type { Address, Hash, Height, Round, Signature } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Vote } from '../engine.ts';
import { keyOf } from '../key.ts';
import { type SignedVote, sameBallot, signedVoteOf } from '../vote.ts';
import { attach } from './attach.ts';
import { castVote } from './cast.ts';
import { sealedRecently } from './chain.ts';
import { blockMessage } from './messages.ts';
import { onAck, onBlock } from './receive.ts';
import { ackDelayMs, difficultyOf, placesAfterTurn, wiggleMs } from './rules.ts';
import { baseOf, headLink, lastRoundOf, maySeal, selfKey } from './state.ts';
import { endsSet, type Link, type Node } from './tree.ts';
import { ballotOf, broadcast, change, note, type Turn } from './turn.ts';

/** CLIQUE-4, CLIQUE-5, CLIQUE-7: seals on the head, when our turn or our wait has come, and nothing that we signed forbids it. */
export function lead(turn: Turn): void {
  const { state } = turn;
  if (!maySeal(state) || state.making !== null) return;
  const head = headLink(state);
  const node = state.tree.get(head.key);
  const acknowledges = node !== undefined && endsSet(node);
  if (!acknowledges && state.due !== head.key) return;
  const [height, self] = [head.height + 1, selfKey(state)];
  const round = baseOf(state, head) + difficultyOf(state.set, height, self);
  if (round <= lastRoundOf(state) || sealedRecently(state, head.key, self)) return;

  note(turn, 4);
  const places = placesAfterTurn(state.set, height, self);
  const delayMs = acknowledges ? ackDelayMs(state.config, places) : wiggleMs(state.config, places);
  if (delayMs > 0 && state.ripe !== head.key) waitFor(turn, head, height, round, delayMs);
  else if (acknowledges) acknowledge(turn, node, round);
  else build(turn, head, round);
}

function waitFor(turn: Turn, head: Link, height: number, round: number, delayMs: number): void {
  if (turn.state.waiting === head.key) return;
  change(turn, { waiting: head.key });
  turn.effects.push({ type: 'schedule', height: height as Height, round: round as Round, delayMs });
}

/** The wait for a place on the head is over. Two heads of one height and difficulty share a timer: that costs a wiggle, no more. */
export function onTimeout(turn: Turn, height: Height, round: Round): void {
  const { state } = turn;
  const head = headLink(state);
  if (state.waiting !== head.key || height !== head.height + 1) return;
  if (round === baseOf(state, head) + difficultyOf(state.set, height, selfKey(state))) change(turn, { ripe: head.key });
}

function build(turn: Turn, head: Link, round: number): void {
  change(turn, { making: { parent: head.key, parentHash: head.id, round, built: null } });
  turn.effects.push({
    type: 'build',
    height: (head.height + 1) as Height,
    round: round as Round,
    parentHash: head.id,
  });
}

interface Built {
  readonly round: Round;
  readonly parentHash: Hash;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly changesSet: boolean;
}

/** The host's answer to `build`. Of no use where the head has moved meanwhile. */
export function onBuilt(turn: Turn, built: Built): void {
  const { state } = turn;
  const { making } = state;
  const head = headLink(state);
  if (making === null || making.built !== null || making.parent !== head.key) return;
  if (making.round !== built.round || !equal(making.parentHash, built.parentHash)) return;
  const { blockHash, block, changesSet } = built;
  change(turn, { making: { ...making, built: { blockHash, block, changesSet } } });
  note(turn, 7);
  castVote(turn, head, (head.height + 1) as Height, ballotOf('seal', built.round, blockHash, null), block);
}

/** CLIQUE-12: on the last block of a set the old set goes on sealing, without blocks. */
function acknowledge(turn: Turn, head: Node, round: number): void {
  change(turn, { ripe: null });
  note(turn, 12);
  castVote(turn, head, head.seal.height, ballotOf('ack', round, head.seal.blockHash, head.id), null);
}

/** The host's answer to `sign`. */
export function onSigned(turn: Turn, payload: Vote, signature: Signature): void {
  const { phase, own, config } = turn.state;
  if (phase !== 'running' || own === null || config.self === null) return;
  if (payload.height !== own.height || !sameBallot(payload, own.ballot)) return;
  const seal = signedVoteOf(payload, config.self, signature);
  if (seal.type === 'seal') sendBlock(turn, config.self, seal);
  else {
    broadcast(turn, { type: 'ack', seal });
    onAck(turn, config.self, { type: 'ack', seal });
  }
}

/** What was built here needs no verdict; what a restart offers again was built in another life, so it does. */
function sendBlock(turn: Turn, self: Address, seal: SignedVote): void {
  const { making, resealing, root, tree } = turn.state;
  change(turn, { making: null, resealing: null });
  if (resealing !== null && resealing.seal.round === seal.round) {
    broadcast(turn, { ...resealing, seal });
    onBlock(turn, self, { ...resealing, seal });
  } else if (making?.built != null) {
    const { parent, parentHash } = making;
    const { block, changesSet, blockHash: id } = making.built;
    broadcast(turn, blockMessage(seal, parentHash, block));
    const incoming = { key: keyOf(id), id, parentHash, seal, block, timeless: true, from: self };
    if (parent === root.key || tree.has(parent)) attach(turn, incoming, { changesSet });
  }
}

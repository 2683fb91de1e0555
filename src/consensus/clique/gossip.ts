import { type Address, type Hash, height, round } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import { linkOf } from './chain.ts';
import { ask } from './judge.ts';
import { CLIQUE_LIMITS } from './limits.ts';
import { blockMessage, type CliqueMessage, type HeadMessage } from './messages.ts';
import { request, requestMissing } from './orphans.ts';
import { isFarAhead, isForgotten, reportBehind } from './receive.ts';
import type { CliqueState } from './state.ts';
import { broadcast, change, idOf, note, send, type Turn } from './turn.ts';

/** The timer of announcements: no block has height 0. */
export const ANNOUNCE = height(0);

export function scheduleAnnouncement(turn: Turn): void {
  const { roundTimeoutMs } = turn.state.config;
  turn.effects.push({ type: 'schedule', height: ANNOUNCE, round: round(0), delayMs: roundTimeoutMs });
}

/** CLIQUE-13: now and then everyone says what its head is, and asks again for what is missing. So nothing lost is lost for good. */
export function announce(turn: Turn): void {
  note(turn, 13);
  change(turn, { requested: new Map(), answered: new Map() });
  const { tree, head, past, orphans } = turn.state;
  const seal = tree.get(head)?.seal ?? past.at(-1)?.message?.seal;
  if (seal !== undefined) broadcast(turn, { type: 'head', seal });
  for (const claims of orphans.values())
    for (const { from, parentHash } of claims) requestMissing(turn, from, parentHash);
  scheduleAnnouncement(turn);
}

/** A peer's head. One that the clock may have refused is judged again; an unknown one is asked for. */
export function onHead(turn: Turn, from: Address, { seal }: HeadMessage): void {
  const { state } = turn;
  if (helpAcross(turn, from, seal.blockHash) || state.phase !== 'running') return;
  const id = idOf(state, seal);
  const key = keyOf(id);
  if (state.tree.has(key)) ask(turn, key, false);
  else if (linkOf(state, key) !== undefined || isForgotten(state, seal)) return;
  else if (isFarAhead(state, seal)) reportBehind(turn, from, seal);
  else if (state.orphans.get(key)?.length === 1) requestMissing(turn, from, id);
  else request(turn, from, id);
}

/** CLIQUE-12: a peer whose head is the last block of a set, which we saw confirmed, gets what confirms it. */
function helpAcross(turn: Turn, from: Address, blockHash: Hash): boolean {
  const block = keyOf(blockHash);
  const message = turn.state.past.findLast(({ key }) => key === block)?.message;
  if (!message?.acks.length) return false;
  answer(turn, from, message);
  return true;
}

export function onRequest(turn: Turn, from: Address, blockHash: Hash): void {
  const message = heldMessage(turn.state, keyOf(blockHash));
  if (message !== null) answer(turn, from, message);
}

/** From the window above the root or from what was confirmed last. */
function heldMessage({ tree, past }: CliqueState, key: string): CliqueMessage | null {
  const node = tree.get(key);
  if (node === undefined) return past.find((link) => link.key === key)?.message ?? null;
  if (!node.valid) return null;
  return node.block === null ? { type: 'ack', seal: node.seal } : blockMessage(node.seal, node.parentHash, node.block);
}

function answer(turn: Turn, to: Address, message: CliqueMessage): void {
  const { answered } = turn.state;
  const key = keyOf(to);
  const count = answered.get(key) ?? 0;
  if (count >= CLIQUE_LIMITS.answersMax || (count === 0 && answered.size >= CLIQUE_LIMITS.peersMax)) return;
  note(turn, 13);
  change(turn, { answered: new Map(answered).set(key, count + 1) });
  send(turn, to, message);
}

import type { Address, Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { faultsOf } from '../../base/validators.ts';
import { keyOf } from '../key.ts';
import { CLIQUE_LIMITS } from './limits.ts';
import { place } from './place.ts';
import type { CliqueState, Incoming } from './state.ts';
import { selfKey } from './state.ts';
import { broadcast, change, note, send, type Turn } from './turn.ts';

/** CLIQUE-13: a block whose parent is unknown waits, and whoever sent it is asked for the parent. */
export function hold(turn: Turn, incoming: Incoming): void {
  const { orphans } = turn.state;
  const claims = orphans.get(incoming.key) ?? [];
  note(turn, 13);
  if (!claims.some(({ parentHash }) => equal(parentHash, incoming.parentHash))) {
    const kept = claims.slice(1 - CLIQUE_LIMITS.claimsMax);
    const held = new Map(orphans).set(incoming.key, [...kept, withinBudget(turn.state, incoming)]);
    for (const oldest of held.keys()) {
      if (held.size <= CLIQUE_LIMITS.orphansMax) break;
      held.delete(oldest);
    }
    change(turn, { orphans: held });
  }
  requestMissing(turn, incoming.from, incoming.parentHash);
}

/** Without its bytes, where others fill the room: they are asked for once the parent is here. */
function withinBudget({ orphans }: CliqueState, incoming: Incoming): Incoming {
  let bytes = incoming.block?.length ?? 0;
  for (const claims of orphans.values()) for (const { block } of claims) bytes += block?.length ?? 0;
  return bytes <= CLIQUE_LIMITS.orphanBytesMax ? incoming : { ...incoming, block: undefined };
}

/** Asks for the lowest ancestor that is not here, from `hash` downwards. */
export function requestMissing(turn: Turn, from: Address, hash: Hash): void {
  const seen = new Set<string>();
  let missing = hash;
  for (;;) {
    const key = keyOf(missing);
    const waiting = turn.state.orphans.get(key)?.at(-1);
    if (waiting === undefined || seen.has(key)) break;
    seen.add(key);
    missing = waiting.parentHash;
  }
  request(turn, from, missing);
}

/**
 * Between two announcements a block is asked of f + 1 of those who name it at most, each once: one of them is honest, and answers. What our own
 * disk lacks, everyone is asked for.
 */
export function request(turn: Turn, to: Address, blockHash: Hash): void {
  const { requested, set } = turn.state;
  const [key, peer] = [keyOf(blockHash), keyOf(to)];
  const asked = requested.get(key);
  if (asked === undefined && requested.size >= CLIQUE_LIMITS.requestsMax) return;
  if (asked !== undefined && (asked.has(peer) || asked.size > faultsOf(set.length))) return;
  change(turn, { requested: new Map(requested).set(key, new Set(asked).add(peer)) });
  if (peer === selfKey(turn.state)) broadcast(turn, { type: 'request', blockHash });
  else send(turn, to, { type: 'request', blockHash });
}

/** The parent is here now. */
export function takeOrphans(turn: Turn, parent: string): void {
  const children = [...turn.state.orphans.values()].flat().filter(({ parentHash }) => keyOf(parentHash) === parent);
  if (children.length === 0) return;
  const orphans = new Map(turn.state.orphans);
  for (const { key } of children) orphans.delete(key);
  change(turn, { orphans });
  for (const child of children) place(turn, child);
}

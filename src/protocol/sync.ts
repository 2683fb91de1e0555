import type { Address, Height } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { ProtocolCode } from './codes.ts';
import { PROTOCOL_LIMITS } from './limits.ts';
import { type CertifiedBlock, decodeBlocksAnswer } from './wire.ts';

export interface SyncConfig {
  readonly requestTimeoutMs: number;
  /** How long a peer that failed is not asked again. */
  readonly peerPauseMs: number;
  /** A peer one block ahead is normal while votes travel: wait this long before asking it. */
  readonly graceMs: number;
}

export type SyncEffect =
  | {
      readonly type: 'requestBlocks';
      readonly peer: Address;
      readonly request: number;
      readonly from: Height;
      readonly count: number;
    }
  | { readonly type: 'blame'; readonly peer: Address; readonly code: ProtocolCode }
  /** Wakes the machine (`plan`) no later than this. A new one replaces the last. */
  | { readonly type: 'wake'; readonly delayMs: number };

/** A block of an answer, not yet believed. */
export interface PendingBlock extends CertifiedBlock {
  readonly peer: Address;
  readonly height: Height;
}

interface SyncPeer {
  readonly id: Address;
  /** What it last said. Never trusted: it only decides whom to ask. */
  height: number;
  pausedUntilMs: number;
  lastAsked: number;
}

interface SyncRequest {
  readonly number: number;
  readonly peer: SyncPeer;
  readonly from: Height;
  readonly count: number;
  readonly deadlineMs: number;
}

/**
 * Catch-up by block ranges: one request at a time, peers in turn, the one asked longest ago first. A peer can waste one request's
 * time, then it is paused; whatever it says of its height, the others are still asked. Blocks are handed out one by one,
 * for the caller to verify against its tip.
 */
export class Sync {
  readonly #config: SyncConfig;
  readonly #peers = new Map<string, SyncPeer>();
  #request: SyncRequest | null = null;
  #pending: PendingBlock[] = [];
  #requests = 0;
  /** The time that the last `wake` names. */
  #wakeAtMs = 0;
  /** Since when some peer has claimed more than this tip. */
  #ahead: { readonly tip: Height; readonly sinceMs: number } | null = null;

  constructor(config: SyncConfig) {
    this.#config = config;
  }

  connected(peer: Address): void {
    const key = toHex(peer);
    if (this.#peers.has(key) || this.#peers.size >= PROTOCOL_LIMITS.peersMax) return;
    this.#peers.set(key, { id: peer, height: 0, pausedUntilMs: 0, lastAsked: -1 });
  }

  disconnected(peer: Address): void {
    this.#peers.delete(toHex(peer));
    if (this.#request !== null && toHex(this.#request.peer.id) === toHex(peer)) this.#request = null;
  }

  reported(peer: Address, height: Height): void {
    const known = this.#peers.get(toHex(peer));
    if (known !== undefined) known.height = height;
  }

  /** A signed message shows that the peer has finished `height`. */
  reached(peer: Address, height: Height): void {
    const known = this.#peers.get(toHex(peer));
    if (known !== undefined) known.height = Math.max(known.height, height);
  }

  /** The answer to `request`. An answer to any other is late, and ignored. */
  answered(request: number, bytes: Uint8Array, nowMs: number): readonly SyncEffect[] {
    const asked = this.#take(request);
    if (asked === undefined) return [];
    const answer = decodeBlocksAnswer(bytes);
    if (!answer.ok) return this.#accuse(asked.peer, 'sync.malformed-answer', nowMs);
    if (answer.value.length > asked.count) return this.#accuse(asked.peer, 'sync.wrong-blocks', nowMs);
    if (answer.value.length === 0) {
      // It claimed these blocks. It may have pruned them, or lied: believe its claim no more until it makes a new one.
      asked.peer.height = Math.min(asked.peer.height, asked.from - 1);
      this.#pause(asked.peer, nowMs);
    }
    this.#pending = answer.value.map((block, i) => ({
      ...block,
      peer: asked.peer.id,
      height: (asked.from + i) as Height,
    }));
    return [];
  }

  /** The host could not get an answer: refused, closed or too large. */
  failed(request: number, nowMs: number): void {
    const asked = this.#take(request);
    if (asked !== undefined) this.#pause(asked.peer, nowMs);
  }

  /** The next block above the tip, if one is at hand. Blocks that consensus overtook are dropped. */
  take(tip: Height): PendingBlock | undefined {
    while (this.#pending.length > 0 && (this.#pending[0] as PendingBlock).height <= tip) this.#pending.shift();
    return this.#pending.shift();
  }

  hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** A block of `peer` did not verify: nothing more of its answer is looked at. */
  reject(peer: Address, code: ProtocolCode, nowMs: number): readonly SyncEffect[] {
    this.#pending = [];
    const known = this.#peers.get(toHex(peer));
    return known === undefined ? [{ type: 'blame', peer, code }] : this.#accuse(known, code, nowMs);
  }

  /** The blocks of `peer` led nowhere, without being wrong: others are asked first. */
  unhelpful(peer: Address, nowMs: number): void {
    const known = this.#peers.get(toHex(peer));
    if (known !== undefined) this.#pause(known, nowMs);
  }

  /** What to do now, with this tip. Call after any of the above and when woken. */
  plan(tip: Height, nowMs: number): readonly SyncEffect[] {
    const late = this.#dropLate(nowMs);
    if (this.#request !== null) return late;
    const ahead = [...this.#peers.values()].filter(({ height }) => height > tip);
    this.#noteAhead(ahead.length > 0, tip, nowMs);
    if (this.#pending.length > 0 || this.#ahead === null) return late;

    const free = ahead.filter(({ pausedUntilMs }) => pausedUntilMs <= nowMs);
    if (free.length === 0)
      return [...late, ...this.#wakeAt(Math.min(...ahead.map(({ pausedUntilMs }) => pausedUntilMs)), nowMs)];
    const graceEndMs = this.#ahead.sinceMs + this.#config.graceMs;
    if (nowMs < graceEndMs && free.every(({ height }) => height === tip + 1))
      return [...late, ...this.#wakeAt(graceEndMs, nowMs)];
    return [...late, ...this.#ask(longestUnasked(free), tip, nowMs)];
  }

  #ask(peer: SyncPeer, tip: Height, nowMs: number): readonly SyncEffect[] {
    const number = ++this.#requests;
    const from = (tip + 1) as Height;
    const count = Math.min(peer.height - tip, PROTOCOL_LIMITS.rangeBlocksMax);
    peer.lastAsked = number;
    const deadlineMs = nowMs + this.#config.requestTimeoutMs;
    this.#request = { number, peer, from, count, deadlineMs };
    return [{ type: 'requestBlocks', peer: peer.id, request: number, from, count }, ...this.#wakeAt(deadlineMs, nowMs)];
  }

  #dropLate(nowMs: number): readonly SyncEffect[] {
    const asked = this.#request;
    if (asked === null || nowMs < asked.deadlineMs) return [];
    this.#request = null;
    return this.#accuse(asked.peer, 'sync.timeout', nowMs);
  }

  #noteAhead(isAhead: boolean, tip: Height, nowMs: number): void {
    if (!isAhead) this.#ahead = null;
    else if (this.#ahead?.tip !== tip) this.#ahead = { tip, sinceMs: nowMs };
  }

  #accuse(peer: SyncPeer, code: ProtocolCode, nowMs: number): readonly SyncEffect[] {
    this.#pause(peer, nowMs);
    return [{ type: 'blame', peer: peer.id, code }];
  }

  #pause(peer: SyncPeer, nowMs: number): void {
    peer.pausedUntilMs = nowMs + this.#config.peerPauseMs;
  }

  #take(request: number): SyncRequest | undefined {
    const asked = this.#request;
    if (asked === null || asked.number !== request) return undefined;
    this.#request = null;
    return asked;
  }

  /** Nothing where that very wake is set already. */
  #wakeAt(atMs: number, nowMs: number): readonly SyncEffect[] {
    if (this.#wakeAtMs === atMs && nowMs < atMs) return [];
    this.#wakeAtMs = atMs;
    return [{ type: 'wake', delayMs: Math.max(1, atMs - nowMs) }];
  }
}

/** Never asked counts as longest; ties go to the peer that connected first. */
const longestUnasked = (peers: readonly SyncPeer[]): SyncPeer =>
  peers.reduce((best, peer) => (peer.lastAsked < best.lastAsked ? peer : best));

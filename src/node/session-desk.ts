import { randomBytes } from 'node:crypto';
import type { Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { answerRenewal, type Channel, openMessage, sealMessage } from '../crypto/session/channel.ts';
import { accept, type Responded, respond, SESSION_ENTROPY_BYTES } from '../crypto/session/handshake.ts';
import { NODE_LIMITS } from './limits.ts';

export const SESSION_ID_BYTES = 16;

/** After message 2: who asks is not known yet, so whence the request came is counted. */
interface Begun {
  readonly state: Responded;
  readonly address: string;
  readonly endsMs: number;
}

interface Open {
  readonly peer: PublicKey;
  channel: Channel;
  /** One message at a time: the channel has an order. */
  isBusy: boolean;
  usedMs: number;
  readonly openedMs: number;
}

export interface SessionDeskParts {
  readonly primitives: Primitives;
  readonly chainId: Hash;
  readonly dutySecret: SecretKey;
  readonly clock: () => number;
}

/**
 * The hospital's side of sessions (docs/specification/session.md), over requests that come one by one. What was begun and not finished ends within
 * seconds, what is open and not used within minutes; all are bounded in number, and looked through when the next is begun: no timer runs.
 */
export class SessionDesk {
  readonly #parts: SessionDeskParts;
  readonly #begun = new Map<string, Begun>();
  /** Longest unused first. */
  readonly #open = new Map<string, Open>();

  constructor(parts: SessionDeskParts) {
    this.#parts = parts;
  }

  get size(): { readonly begun: number; readonly open: number } {
    return { begun: this.#begun.size, open: this.#open.size };
  }

  /** Messages 1 and 2. `address`: where it comes from. */
  begin(address: string, hello: Uint8Array): Result<{ readonly session: Uint8Array; readonly message: Uint8Array }> {
    const { primitives, chainId, dutySecret, clock } = this.#parts;
    this.#sweep();
    const fromThere = [...this.#begun.values()].filter((one) => one.address === address).length;
    if (this.#begun.size >= NODE_LIMITS.sessionsBegunMax || fromThere >= NODE_LIMITS.sessionsBegunPerAddressMax)
      return refuse('node-session.too-many');
    const answered = respond(primitives, { chainId, secret: dutySecret }, random(SESSION_ENTROPY_BYTES), hello);
    if (!answered.ok) return answered;
    const { state, message } = answered.value;
    const session = random(SESSION_ID_BYTES);
    this.#begun.set(toHex(session), { state, address, endsMs: clock() + NODE_LIMITS.sessionHandshakeMs });
    return ok({ session, message });
  }

  /** Messages 3 and 4. A handshake has one try: what was begun is gone, whatever comes of it. */
  finish(session: string, finish: Uint8Array, mayHave: (peer: PublicKey) => boolean): Result<Uint8Array> {
    const { primitives, clock } = this.#parts;
    this.#sweep();
    const begun = this.#begun.get(session);
    this.#begun.delete(session);
    if (begun === undefined) return refuse('node-session.unknown');
    const accepted = accept(primitives, begun.state, finish);
    if (!accepted.ok) return accepted;
    const { peer, channel, message } = accepted.value;
    if (!mayHave(peer)) return refuse('node-session.not-allowed');
    this.#makeRoom(peer);
    if (this.#open.size >= NODE_LIMITS.sessionsOpenMax) return refuse('node-session.too-many');
    const nowMs = clock();
    this.#open.set(session, { peer, channel, isBusy: false, usedMs: nowMs, openedMs: nowMs });
    return ok(message);
  }

  /** Opens a message, has it answered, and seals the answer. A message that does not open changes nothing. */
  async answer(
    session: string,
    message: Uint8Array,
    work: (peer: PublicKey, text: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Result<Uint8Array>> {
    const { primitives } = this.#parts;
    const found = this.#take(session);
    if (!found.ok) return found;
    const open = found.value;
    const opened = openMessage(primitives, open.channel, message);
    if (!opened.ok) return opened;
    open.channel = opened.value.channel;
    open.isBusy = true;
    try {
      const sealed = sealMessage(primitives, open.channel, await work(open.peer, opened.value.text));
      if (!sealed.ok) return this.#ended(session, sealed);
      open.channel = sealed.value.channel;
      return ok(sealed.value.message);
    } catch (error) {
      // The two sides no longer know the same of the channel.
      this.#open.delete(session);
      throw error;
    } finally {
      open.isBusy = false;
    }
  }

  /** SES-8: fresh keys into the channel. */
  renew(session: string, offer: Uint8Array): Result<Uint8Array> {
    const found = this.#take(session);
    if (!found.ok) return found;
    const answered = answerRenewal(this.#parts.primitives, found.value.channel, offer, random(SCALAR_ENTROPY_BYTES));
    if (!answered.ok) return answered;
    found.value.channel = answered.value.channel;
    return ok(answered.value.message);
  }

  #take(session: string): Result<Open> {
    this.#sweep();
    const open = this.#open.get(session);
    if (open === undefined) return refuse('node-session.unknown');
    if (open.isBusy) return refuse('node-session.busy');
    open.usedMs = this.#parts.clock();
    this.#open.delete(session);
    this.#open.set(session, open);
    return ok(open);
  }

  #ended<T>(session: string, refusal: Result<T>): Result<T> {
    this.#open.delete(session);
    return refusal;
  }

  /** Of one peer the longest unused gives way; nobody ends another's. */
  #makeRoom(peer: PublicKey): void {
    const own = [...this.#open].filter(([, one]) => toHex(one.peer) === toHex(peer));
    for (const [session] of own.slice(0, Math.max(0, own.length - NODE_LIMITS.sessionsPerPeerMax + 1)))
      this.#open.delete(session);
  }

  #sweep(): void {
    const nowMs = this.#parts.clock();
    for (const [session, { endsMs }] of this.#begun) if (endsMs <= nowMs) this.#begun.delete(session);
    for (const [session, { usedMs, openedMs, isBusy }] of this.#open) {
      const isOver = usedMs + NODE_LIMITS.sessionIdleMs <= nowMs || openedMs + NODE_LIMITS.sessionLifeMs <= nowMs;
      if (isOver && !isBusy) this.#open.delete(session);
    }
  }
}

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

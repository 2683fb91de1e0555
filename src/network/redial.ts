import { BackOff } from './back-off.ts';
import { BACK_OFF } from './limits.ts';

export interface Dialler {
  isConnected(peerId: string): boolean;
  dial(peerId: string, addresses: readonly string[]): Promise<void>;
  failed(peerId: string, error: unknown): void;
}

interface Target {
  addresses: readonly string[];
  readonly backOff: BackOff;
  timer: NodeJS.Timeout | undefined;
  dialling: boolean;
  connectedAtMs: number;
}

/** The side with the higher peer id lets the other dial first, so that a fresh pair has one connection and not two. */
const YIELD_MS = 250;
const FIRST_DIAL_SPREAD_MS = 50;

/**
 * Dials the consortium's peers for as long as they are peers, with jittered, capped back-off. Two connections of one pair do no harm
 * and are left alone: closing "the duplicate" from both ends is how pairs flap.
 */
export class Redialer {
  readonly #selfPeerId: string;
  readonly #dialler: Dialler;
  readonly #targets = new Map<string, Target>();

  constructor(selfPeerId: string, dialler: Dialler) {
    this.#selfPeerId = selfPeerId;
    this.#dialler = dialler;
  }

  add(peerId: string, addresses: readonly string[]): void {
    const known = this.#targets.get(peerId);
    if (known !== undefined) {
      known.addresses = addresses;
      return;
    }
    const target: Target = {
      addresses,
      backOff: new BackOff(BACK_OFF.redial),
      timer: undefined,
      dialling: false,
      connectedAtMs: Number.POSITIVE_INFINITY,
    };
    this.#targets.set(peerId, target);
    const yieldMs = this.#selfPeerId > peerId ? YIELD_MS : 0;
    this.#schedule(peerId, target, yieldMs + Math.random() * FIRST_DIAL_SPREAD_MS);
  }

  remove(peerId: string): void {
    clearTimeout(this.#targets.get(peerId)?.timer);
    this.#targets.delete(peerId);
  }

  connected(peerId: string): void {
    const target = this.#targets.get(peerId);
    if (target !== undefined) target.connectedAtMs = performance.now();
  }

  /** The last connection ended. One that did not live long does not reset the back-off: the peer may not admit us. */
  disconnected(peerId: string): void {
    const target = this.#targets.get(peerId);
    if (target === undefined) return;
    if (performance.now() - target.connectedAtMs > BACK_OFF.stableAfterMs) target.backOff.reset();
    this.#schedule(peerId, target, target.backOff.nextMs());
  }

  stop(): void {
    for (const peerId of [...this.#targets.keys()]) this.remove(peerId);
  }

  #schedule(peerId: string, target: Target, delayMs: number): void {
    clearTimeout(target.timer);
    target.timer = setTimeout(() => void this.#tick(peerId, target), delayMs);
  }

  /** Looks again even while connected, so that a missed event costs one period and not the peer. */
  async #tick(peerId: string, target: Target): Promise<void> {
    if (this.#dialler.isConnected(peerId) || target.dialling || target.addresses.length === 0) {
      this.#schedule(peerId, target, BACK_OFF.redial.capMs);
      return;
    }
    target.dialling = true;
    try {
      await this.#dialler.dial(peerId, target.addresses);
    } catch (error) {
      if (this.#targets.get(peerId) === target) this.#dialler.failed(peerId, error);
    }
    target.dialling = false;
    if (this.#targets.get(peerId) !== target) return;
    const connected = this.#dialler.isConnected(peerId);
    this.#schedule(peerId, target, connected ? BACK_OFF.redial.capMs : target.backOff.nextMs());
  }
}

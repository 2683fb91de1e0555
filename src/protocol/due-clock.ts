import type { Hash } from '../base/brand.ts';
import type { Tip } from '../ledger/chain.ts';
import type { ReplicaEffect } from './io.ts';

/** When a child of this block is due, in milliseconds of the node's clock. It moves nearer when a transaction arrives. */
export type DueAt = (parent: Tip) => number;

/** The engine's newest question when a block is due, and the one timer that answers it. */
export class DueClock {
  readonly #timer: string;
  readonly #dueAt: DueAt;
  /** The block whose child the engine waits for, and when the timer says that is due; null once the engine was told. */
  #asked: { readonly parent: Tip; atMs: number } | null = null;

  constructor(timer: string, dueAt: DueAt) {
    this.#timer = timer;
    this.#dueAt = dueAt;
  }

  ask(parent: Tip): void {
    this.#asked = { parent, atMs: Number.POSITIVE_INFINITY };
  }

  timerEnded(): void {
    if (this.#asked !== null) this.#asked.atMs = Number.POSITIVE_INFINITY;
  }

  /** The block whose child is due now, told once; else null, and the timer is set where it must end earlier than before. */
  take(nowMs: number, effects: ReplicaEffect[]): Hash | null {
    const asked = this.#asked;
    if (asked === null) return null;
    const atMs = this.#dueAt(asked.parent);
    if (atMs <= nowMs) {
      this.#asked = null;
      return asked.parent.hash;
    }
    if (atMs < asked.atMs) effects.push({ type: 'setTimer', id: this.#timer, delayMs: atMs - nowMs });
    asked.atMs = Math.min(asked.atMs, atMs);
    return null;
  }
}

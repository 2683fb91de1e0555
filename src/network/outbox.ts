import { concat } from '../base/bytes.ts';
import type { ChannelLimits } from './limits.ts';

/** Frames that wait for one peer on one channel. When full, the oldest leave first: a newer vote supersedes an older one. */
export class Outbox {
  readonly #limits: ChannelLimits;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: ChannelLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#frames.length;
  }

  /** Adds a frame and returns how many of the oldest were dropped for it. */
  push(framed: Uint8Array): number {
    this.#frames.push(framed);
    this.#bytes += framed.length;
    let dropped = 0;
    while (this.#frames.length > this.#limits.queueMessagesMax || this.#bytes > this.#limits.queueBytesMax) {
      this.shift();
      dropped++;
    }
    return dropped;
  }

  shift(): Uint8Array | undefined {
    const framed = this.#frames.shift();
    if (framed !== undefined) this.#bytes -= framed.length;
    return framed;
  }

  /** The next frames as one write: at least one, more while they fit in `bytesMax` together. */
  take(bytesMax: number): { readonly frames: readonly Uint8Array[]; readonly bytes: Uint8Array } | undefined {
    const first = this.shift();
    if (first === undefined) return undefined;
    const frames = [first];
    let bytes = first.length;
    for (let next = this.#frames[0]; next !== undefined && bytes + next.length <= bytesMax; next = this.#frames[0]) {
      frames.push(next);
      bytes += next.length;
      this.shift();
    }
    return { frames, bytes: frames.length === 1 ? first : concat(...frames) };
  }
}

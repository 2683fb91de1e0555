import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { NodeError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** Bounds the requests under way to one peer, so that a peer that allows few is asked in turn and not in vain. */
export class PeerGate {
  readonly #lanes = new Map<string, Lane>();

  async run<T>(peer: Address, task: () => Promise<T>): Promise<T> {
    const key = toHex(peer);
    const lane = this.#lanes.get(key) ?? { running: 0, waiting: [] };
    this.#lanes.set(key, lane);
    if (lane.running >= NODE_LIMITS.requestsPerPeer) {
      if (lane.waiting.length >= NODE_LIMITS.requestsWaitingMax) throw new NodeError('duty.busy');
      await new Promise<void>((resolve) => lane.waiting.push(resolve));
    } else {
      lane.running++;
    }
    try {
      return await task();
    } finally {
      const next = lane.waiting.shift();
      if (next !== undefined) next();
      else if (--lane.running === 0) this.#lanes.delete(key);
    }
  }
}

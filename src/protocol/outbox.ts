import type { Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

interface Sent {
  readonly bytes: Uint8Array;
  readonly sentAtMs: number;
}

/**
 * The transactions of this node's own clients: first sent in batches to every peer, then sent again while no block holds them,
 * since a message may be lost. Bounded by the mempool, whose entries these are.
 */
export class Outbox {
  readonly #unsent = new Map<string, Uint8Array>();
  #unsentBytes = 0;
  /** Longest unsent first. */
  readonly #sent = new Map<string, Sent>();

  add({ id, bytes }: SignedTransaction): void {
    this.#unsent.set(toHex(id), bytes);
    this.#unsentBytes += bytes.length;
  }

  hasUnsent(): boolean {
    return this.#unsent.size > 0;
  }

  hasSent(): boolean {
    return this.#sent.size > 0;
  }

  /** Half a message waits: sending it later would gain little. */
  isFull(): boolean {
    const { batchTransactionsMax, batchBytesMax } = PROTOCOL_LIMITS;
    return 2 * this.#unsent.size >= batchTransactionsMax || 2 * this.#unsentBytes >= batchBytesMax;
  }

  flush(nowMs: number): readonly Uint8Array[] {
    const unsent = [...this.#unsent];
    for (const [key, bytes] of unsent) this.#sent.set(key, { bytes, sentAtMs: nowMs });
    this.#unsent.clear();
    this.#unsentBytes = 0;
    return unsent.map(([, bytes]) => bytes);
  }

  /** What was sent `ageMs` ago or earlier and is still here: at most half a message's worth, longest unsent first. */
  due(nowMs: number, ageMs: number): readonly Uint8Array[] {
    const again: [string, Uint8Array][] = [];
    let size = 0;
    for (const [key, { bytes, sentAtMs }] of this.#sent) {
      size += bytes.length;
      const full = 2 * size > PROTOCOL_LIMITS.batchBytesMax || 2 * again.length >= PROTOCOL_LIMITS.batchTransactionsMax;
      if (sentAtMs > nowMs - ageMs || full) break;
      again.push([key, bytes]);
    }
    for (const [key, bytes] of again) {
      this.#sent.delete(key);
      this.#sent.set(key, { bytes, sentAtMs: nowMs });
    }
    return again.map(([, bytes]) => bytes);
  }

  /** A block holds it, or none will. */
  forget(id: Hash): void {
    const key = toHex(id);
    this.#sent.delete(key);
    const bytes = this.#unsent.get(key);
    if (bytes === undefined) return;
    this.#unsent.delete(key);
    this.#unsentBytes -= bytes.length;
  }
}

import type { Address, Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import type { ProtocolCode } from './codes.ts';
import type { MempoolLimits } from './limits.ts';

export interface PoolEntry {
  readonly signed: SignedTransaction;
  readonly sender: Address;
  /** Order of arrival at this node. */
  readonly arrival: number;
}

/** One sender's transactions by nonce. Those from `next` on without a gap can enter a block. */
interface SenderQueue {
  next: number;
  readonly entries: Map<number, PoolEntry>;
}

/**
 * Verified transactions that wait for a block, bounded in every direction. What is full refuses early: a refused sender
 * learns at once, an evicted one never would.
 */
export class Mempool {
  readonly #limits: MempoolLimits;
  readonly #senders = new Map<string, SenderQueue>();
  readonly #byId = new Map<string, PoolEntry>();
  readonly #byLeaf = new Map<string, PoolEntry>();
  #bytes = 0;
  #arrivals = 0;

  constructor(limits: MempoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(id: Hash): boolean {
    return this.#byId.has(toHex(id));
  }

  /** Whether these very signed bytes wait here, by their hash: then nothing need be verified again. */
  hasLeaf(leaf: Hash): boolean {
    return this.#byLeaf.has(toHex(leaf));
  }

  /** The verified transaction of these very signed bytes, if it waits here. */
  byLeaf(leaf: Hash): SignedTransaction | undefined {
    return this.#byLeaf.get(toHex(leaf))?.signed;
  }

  get(id: Hash): PoolEntry | undefined {
    return this.#byId.get(toHex(id));
  }

  /** Takes a transaction that the ledger admits: its nonce is `next`, the sender's next one in the state, or above. */
  add(signed: SignedTransaction, sender: Address, next: number): Result<PoolEntry, ProtocolCode> {
    const { transactionsMax, bytesMax, perSenderMax, nonceAheadMax } = this.#limits;
    const { nonce } = signed.transaction;
    const key = toHex(sender);
    const queue = this.#senders.get(key);
    if (this.has(signed.id)) return refuse('mempool.duplicate');
    if (queue?.entries.has(nonce)) return refuse('mempool.nonce-taken', { nonce });
    if (nonce - next > nonceAheadMax) return refuse('mempool.nonce-too-far', { next, nonceAheadMax });
    if (queue !== undefined && queue.entries.size >= perSenderMax)
      return refuse('mempool.sender-quota', { perSenderMax });
    if (this.size >= transactionsMax || this.#bytes + signed.bytes.length > bytesMax) return refuse('mempool.full');

    const entry: PoolEntry = { signed, sender, arrival: this.#arrivals++ };
    const held = queue ?? { next, entries: new Map() };
    held.next = Math.max(held.next, next);
    held.entries.set(nonce, entry);
    this.#senders.set(key, held);
    this.#byId.set(toHex(signed.id), entry);
    this.#byLeaf.set(toHex(signed.leaf), entry);
    this.#bytes += signed.bytes.length;
    return ok(entry);
  }

  /** Whether any transaction could enter a block: not behind a gap. */
  hasReady(): boolean {
    for (const { next, entries } of this.#senders.values()) if (entries.has(next)) return true;
    return false;
  }

  /**
   * Candidates for a block. Senders take turns, the one whose first transaction came first begins; each gives its
   * transactions in nonce order. The same arrivals give the same list.
   */
  select(
    limits: { readonly transactionsMax: number; readonly bytesMax: number },
    taken: ReadonlySet<string> = new Set(),
  ): readonly SignedTransaction[] {
    const chosen: SignedTransaction[] = [];
    let bytes = 0;
    let turn = this.#readySenders();
    for (let depth = 0; turn.length > 0; depth++) {
      const still: SenderQueue[] = [];
      for (const queue of turn) {
        const signed = queue.entries.get(queue.next + depth)?.signed;
        if (signed !== undefined && taken.has(toHex(signed.id))) {
          still.push(queue);
          continue;
        }
        if (signed === undefined || bytes + signed.bytes.length > limits.bytesMax) continue;
        if (chosen.length >= limits.transactionsMax) return chosen;
        chosen.push(signed);
        bytes += signed.bytes.length;
        still.push(queue);
      }
      turn = still;
    }
    return chosen;
  }

  /**
   * The lowest nonce of each sender, in order of arrival: at most `countMax`, beginning after the arrival `after` and going
   * round, so that repeated calls reach everyone.
   */
  heads(after: number, countMax: number): readonly PoolEntry[] {
    const heads = [...this.#senders.values()]
      .map(({ entries }) => entries.get(Math.min(...entries.keys())) as PoolEntry)
      .sort((a, b) => a.arrival - b.arrival);
    const first = heads.findIndex(({ arrival }) => arrival > after);
    const begin = Math.max(first, 0);
    return [...heads.slice(begin), ...heads.slice(0, begin)].slice(0, countMax);
  }

  /** A sender's next nonce is now `next`: what is below was used, by these transactions or by others. */
  settle(sender: Address, next: number): readonly PoolEntry[] {
    const queue = this.#senders.get(toHex(sender));
    if (queue === undefined) return [];
    queue.next = next;
    const used = [...queue.entries.values()].filter(({ signed }) => signed.transaction.nonce < next);
    for (const entry of used) this.#drop(entry);
    return used;
  }

  /** Drops what no block from `nextHeight` on may hold. */
  expire(nextHeight: number): readonly PoolEntry[] {
    const expired = [...this.#byId.values()].filter(({ signed }) => signed.transaction.validUntilHeight < nextHeight);
    for (const entry of expired) this.#drop(entry);
    return expired;
  }

  remove(entry: PoolEntry): void {
    if (this.get(entry.signed.id) === entry) this.#drop(entry);
  }

  #readySenders(): SenderQueue[] {
    const arrivalOf = ({ next, entries }: SenderQueue) => (entries.get(next) as PoolEntry).arrival;
    return [...this.#senders.values()]
      .filter(({ next, entries }) => entries.has(next))
      .sort((a, b) => arrivalOf(a) - arrivalOf(b));
  }

  #drop(entry: PoolEntry): void {
    const key = toHex(entry.sender);
    const queue = this.#senders.get(key) as SenderQueue;
    queue.entries.delete(entry.signed.transaction.nonce);
    if (queue.entries.size === 0) this.#senders.delete(key);
    this.#byId.delete(toHex(entry.signed.id));
    this.#byLeaf.delete(toHex(entry.signed.leaf));
    this.#bytes -= entry.signed.bytes.length;
  }
}

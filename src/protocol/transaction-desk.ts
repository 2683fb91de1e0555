import type { Address, Hash } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Tip } from '../ledger/chain.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import type { ReplicaConfig, ReplicaEffect } from './io.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import { PROTOCOL_LIMITS } from './limits.ts';
import { Mempool, type PoolEntry } from './mempool.ts';
import { Outbox } from './outbox.ts';
import { decodeBatch, splitBatches } from './wire.ts';

export const BATCH_TIMER = 'batch';
export const RESEND_TIMER = 'resend';

/** Where transactions arrive, wait and leave: admission by the ledger, the mempool, and what clients' transactions need to reach every peer. */
export class TransactionDesk {
  readonly #ledger: Ledger;
  readonly #config: Pick<ReplicaConfig, 'batchDelayMs' | 'resendMs'>;
  readonly #pool: Mempool;
  readonly #outbox = new Outbox();
  /** Arrival of the last head that a commit checked again. */
  #rechecked = -1;

  constructor(ledger: Ledger, config: ReplicaConfig) {
    this.#ledger = ledger;
    this.#config = config;
    this.#pool = new Mempool(config.mempool);
  }

  get pool(): Mempool {
    return this.#pool;
  }

  /** Transactions of our own clients: each is answered, and the admitted ones are sent on. */
  submit(
    tip: Tip,
    transactions: readonly (SignedTransaction | Uint8Array)[],
    nowMs: number,
  ): { readonly results: readonly Result<Hash>[]; readonly effects: readonly ReplicaEffect[] } {
    const hadUnsent = this.#outbox.hasUnsent();
    const results = transactions.map((transaction): Result<Hash> => {
      const signed = transaction instanceof Uint8Array ? this.#decodeNew(transaction) : ok(transaction);
      if (!signed.ok) return signed;
      const admitted = this.#admit(tip, signed.value);
      if (!admitted.ok) return admitted;
      this.#outbox.add(signed.value);
      return ok(signed.value.id);
    });
    if (this.#outbox.isFull()) return { results, effects: this.flush(nowMs) };
    const mustWait = !hadUnsent && this.#outbox.hasUnsent();
    const timer: ReplicaEffect = { type: 'setTimer', id: BATCH_TIMER, delayMs: this.#config.batchDelayMs };
    return { results, effects: mustWait ? [timer] : [] };
  }

  /** A peer's batch: admitted, never passed on, since its sender reaches everyone itself. */
  receive(tip: Tip, from: Address, bytes: Uint8Array): readonly ReplicaEffect[] {
    const batch = decodeBatch(bytes);
    if (!batch.ok) return [{ type: 'blame', peer: from, code: 'peer.malformed-message' }];
    for (const each of batch.value) {
      if (this.#pool.hasLeaf(this.#ledger.primitives.hash(each))) continue;
      const signed = this.#ledger.decode(each);
      if (!signed.ok) return [{ type: 'blame', peer: from, code: 'peer.bad-transaction' }];
      this.#admit(tip, signed.value);
    }
    return [];
  }

  receiveVerified(tip: Tip, transactions: readonly SignedTransaction[]): void {
    for (const signed of transactions) this.#admit(tip, signed);
  }

  /** The `batch` timer, or enough at once. */
  flush(nowMs: number): readonly ReplicaEffect[] {
    const hadSent = this.#outbox.hasSent();
    const effects = batches(this.#outbox.flush(nowMs));
    return hadSent || effects.length === 0 ? effects : [...effects, this.#resendTimer()];
  }

  /** The `resend` timer. */
  resend(nowMs: number): readonly ReplicaEffect[] {
    if (!this.#outbox.hasSent()) return [];
    return [...batches(this.#outbox.due(nowMs, this.#config.resendMs)), this.#resendTimer()];
  }

  /** A block is final: drops what it used up, what has expired, and what the new state admits no more. */
  settle(tip: Tip, { execution }: ExecutedBlock): readonly ReplicaEffect[] {
    const effects: ReplicaEffect[] = [];
    for (const { transactionId } of execution.receipts) {
      const entry = this.#pool.get(transactionId);
      if (entry === undefined) continue;
      this.#outbox.forget(transactionId);
      this.#pool.remove(entry);
      effects.push(...this.#useUp(entry, entry.signed.transaction.nonce + 1));
    }
    const expired = this.#pool.expire(tip.header.height + 1);
    effects.push(...expired.map((entry) => this.#rejected(entry, 'transaction.expired')));
    return [...effects, ...this.#recheck(tip)];
  }

  /** The heads of some queues, in turn: their nonce may have been used, their gap filled, or their key retired. */
  #recheck(tip: Tip): readonly ReplicaEffect[] {
    const effects: ReplicaEffect[] = [];
    for (const entry of this.#pool.heads(this.#rechecked, PROTOCOL_LIMITS.recheckedMax)) {
      this.#rechecked = entry.arrival;
      const admitted = this.#ledger.admit(tip, entry.signed);
      if (admitted.ok) {
        effects.push(...this.#useUp(entry, admitted.value.next));
      } else {
        this.#pool.remove(entry);
        effects.push(this.#rejected(entry, admitted.rejection.code));
      }
    }
    return effects;
  }

  /** The sender's next nonce is `next`: what waits below it can enter no block. */
  #useUp({ sender }: PoolEntry, next: number): readonly ReplicaEffect[] {
    return this.#pool.settle(sender, next).map((entry) => this.#rejected(entry, 'transaction.nonce-used'));
  }

  /** Bytes that wait here already cost no second signature. */
  #decodeNew(bytes: Uint8Array): Result<SignedTransaction> {
    if (this.#pool.hasLeaf(this.#ledger.primitives.hash(bytes))) return refuse('mempool.duplicate');
    return this.#ledger.decode(bytes);
  }

  #admit(tip: Tip, signed: SignedTransaction): Result<PoolEntry> {
    if (this.#pool.has(signed.id)) return refuse('mempool.duplicate');
    const admitted = this.#ledger.admit(tip, signed);
    return admitted.ok ? this.#pool.add(signed, admitted.value.sender, admitted.value.next) : admitted;
  }

  #rejected({ signed }: PoolEntry, code: string): ReplicaEffect {
    this.#outbox.forget(signed.id);
    return { type: 'reject', transactionId: signed.id, code };
  }

  #resendTimer(): ReplicaEffect {
    return { type: 'setTimer', id: RESEND_TIMER, delayMs: this.#config.resendMs };
  }
}

const batches = (transactions: readonly Uint8Array[]): ReplicaEffect[] =>
  splitBatches(transactions).map((bytes) => ({ type: 'broadcast', channel: 'transactions', bytes }));

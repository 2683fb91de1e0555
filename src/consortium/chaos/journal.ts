import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';

/** Transactions of one run: some 150 bytes each. A run that reaches it sends nothing more, and says so. */
export const JOURNAL_ENTRIES_MAX = 2_000_000;

/**
 * What a client was told of one transaction. The API promises two different things (docs: `POST /v1/transactions`):
 *
 *   accepted       202: it waits for a block, in the memory of that hospital and soon of its peers. A crash may forget it; the
 *                  client hands the same bytes in again, which can never count twice.
 *   acknowledged   a receipt: a final block holds it, which the hospital had on its disk before it said so. Nothing may undo that.
 */
export interface JournalEntry {
  readonly validUntilHeight: number;
  accepted: boolean;
  /** The height that the first receipt named. */
  acknowledgedAt: number | null;
  /** A hospital whose chain had passed `validUntilHeight` without it: no block can hold it any more. */
  expired: boolean;
}

export interface JournalCounts {
  /** Different transactions handed in. */
  submitted: number;
  /** Different ones that some hospital answered with 202. */
  accepted: number;
  acknowledged: number;
  /** Accepted, in no block until the height until which they were valid. */
  expired: number;
  /** Times that the same bytes were handed in again because no receipt came. */
  resubmitted: number;
  /** 202s to a transaction that had been accepted before: whoever answers so did not have it any more, or never had it. */
  forgotten: number;
  /** Receipts that did not say "applied". */
  notApplied: number;
}

/** Every transaction of a run, from the clients' side of the door. */
export class Journal {
  readonly counts: JournalCounts = {
    submitted: 0,
    accepted: 0,
    acknowledged: 0,
    expired: 0,
    resubmitted: 0,
    forgotten: 0,
    notApplied: 0,
  };
  readonly #entries = new Map<string, JournalEntry>();

  get isFull(): boolean {
    return this.#entries.size >= JOURNAL_ENTRIES_MAX;
  }

  entries(): IterableIterator<[id: string, entry: JournalEntry]> {
    return this.#entries.entries();
  }

  submitted(id: Hash, validUntilHeight: number): void {
    this.counts.submitted++;
    this.#entries.set(toHex(id), { validUntilHeight, accepted: false, acknowledgedAt: null, expired: false });
  }

  accepted(id: Hash): void {
    const entry = this.#entries.get(toHex(id)) as JournalEntry;
    if (entry.accepted) this.counts.forgotten++;
    else this.counts.accepted++;
    entry.accepted = true;
  }

  acknowledged(id: Hash, height: number, outcome: string): void {
    const entry = this.#entries.get(toHex(id)) as JournalEntry;
    entry.acknowledgedAt = height;
    this.counts.acknowledged++;
    if (outcome !== 'applied') this.counts.notApplied++;
  }

  expired(id: Hash): void {
    const entry = this.#entries.get(toHex(id)) as JournalEntry;
    entry.expired = true;
    if (entry.accepted) this.counts.expired++;
  }
}

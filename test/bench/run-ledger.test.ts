import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { RunLedger } from '../../src/bench/run-ledger.ts';

const id = (n: number): Hash => new Uint8Array(32).fill(n) as Hash;
const applied = (n: number) => ({ transactionId: id(n), outcome: 'applied' as const });

/** Four transactions, in turn at two hospitals. */
const ledger = () =>
  new RunLedger(
    {
      bytes: Array.from({ length: 4 }, (_, n) => Uint8Array.of(n)),
      positionOf: new Map(Array.from({ length: 4 }, (_, n) => [toHex(id(n)), n])),
      hospitalOf: (position) => position % 2,
    },
    2,
  );

describe('the books of a run', () => {
  it('end a latency when the hospital that took the transaction announces its block', () => {
    const books = ledger();
    for (const position of [0, 1]) {
      books.submittedAt(position, 100);
      books.acceptedAt(position);
    }
    expect(books.isNew(7)).toBe(true);
    expect(books.announced(0, 7, 150)).toBe(false);
    expect(books.isNew(7)).toBe(false);
    expect(books.contains(7, [applied(0), applied(1)], 99)).toEqual([0, 1]);
    expect(books.blocks()).toEqual([]);
    expect(books.isSettled).toBe(false);
    expect(books.announced(1, 7, 180)).toBe(true);
    expect(books.isSettled).toBe(true);
    expect(books.blocks()).toEqual([
      { height: 7, announcedAtMs: [150, 180], applied: 2, denied: 0, failed: 0, bytes: 99, latenciesMs: [50, 80] },
    ]);
  });

  it('count the blocks that hold any of this run, from a moment on, once all have announced them', () => {
    const books = ledger();
    books.contains(1, [applied(0)], 1);
    books.contains(2, [], 1);
    books.contains(3, [applied(1)], 1);
    for (const height of [1, 2, 3]) books.announced(0, height, 100 * height);
    expect([books.wholeBlocks, books.loadedSince(0)]).toEqual([0, 0]);
    for (const height of [1, 2, 3]) books.announced(1, height, 100 * height + 50);
    expect(books.wholeBlocks).toBe(3);
    expect([0, 150, 151, 350, 351].map((atMs) => books.loadedSince(atMs))).toEqual([2, 2, 1, 1, 0]);
  });

  it('count a transaction once, however often a block with it is read', () => {
    const books = ledger();
    books.submittedAt(2, 0);
    books.contains(1, [applied(2)], 1);
    expect(books.contains(1, [applied(2)], 1)).toEqual([]);
    expect(books.contains(2, [applied(2)], 1)).toEqual([]);
    expect(books.accepted).toBe(1);
  });

  it('take what a block holds for accepted, even where the answer was lost', () => {
    const books = ledger();
    books.submittedAt(3, 0);
    expect([books.submitted, books.accepted]).toEqual([1, 0]);
    books.contains(1, [applied(3)], 1);
    expect(books.accepted).toBe(1);
  });

  it('leave out what others sent', () => {
    expect(ledger().contains(1, [applied(9)], 1)).toEqual([]);
  });
});

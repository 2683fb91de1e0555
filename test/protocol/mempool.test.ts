import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import type { SignedTransaction } from '../../src/ledger/transaction.ts';
import type { MempoolLimits } from '../../src/protocol/limits.ts';
import { Mempool } from '../../src/protocol/mempool.ts';
import { addressOfKey, type TransactionFields, transactionOf } from './support.ts';

const LIMITS: MempoolLimits = { transactionsMax: 12, bytesMax: 8_000, perSenderMax: 5, nonceAheadMax: 6 };
const ALL = { transactionsMax: 1_000, bytesMax: 1_000_000 };

const add = (pool: Mempool, fields: TransactionFields, next = 0) =>
  pool.add(transactionOf(fields), addressOfKey(fields.sender), next);
const named = (list: readonly SignedTransaction[], senders: readonly string[]) =>
  list.map(({ transaction, keyAddress }) => {
    const sender = senders.find((name) => toHex(addressOfKey(name)) === toHex(keyAddress));
    return `${sender}${transaction.nonce}`;
  });

describe('the mempool', () => {
  it('lets senders take turns, first come first, each in the order of its nonces', () => {
    const pool = new Mempool(LIMITS);
    for (const [sender, nonce] of [
      ['a', 0],
      ['a', 1],
      ['a', 2],
      ['b', 0],
      ['c', 1],
      ['c', 0],
    ] as const)
      add(pool, { sender, nonce });
    expect(named(pool.select(ALL), ['a', 'b', 'c'])).toEqual(['a0', 'b0', 'c0', 'a1', 'c1', 'a2']);
  });

  it('holds back what waits behind a gap, until the gap is filled', () => {
    const pool = new Mempool(LIMITS);
    add(pool, { sender: 'a', nonce: 1 });
    expect([pool.hasReady(), pool.select(ALL)]).toEqual([false, []]);
    add(pool, { sender: 'a', nonce: 0 });
    expect(named(pool.select(ALL), ['a'])).toEqual(['a0', 'a1']);
  });

  it('keeps to the limits of a selection without breaking the order of nonces', () => {
    const pool = new Mempool(LIMITS);
    const big = { sender: 'a', nonce: 0, padding: 3_000 };
    add(pool, big);
    add(pool, { sender: 'a', nonce: 1 });
    add(pool, { sender: 'b', nonce: 0 });
    expect(named(pool.select({ transactionsMax: 9, bytesMax: 2_000 }), ['a', 'b'])).toEqual(['b0']);
    expect(named(pool.select({ transactionsMax: 2, bytesMax: 9_000 }), ['a', 'b'])).toEqual(['a0', 'b0']);
  });

  it.each([
    ['mempool.duplicate', { sender: 'a', nonce: 0 }],
    ['mempool.nonce-taken', { sender: 'a', nonce: 0, note: 'another' }],
    ['mempool.nonce-too-far', { sender: 'a', nonce: 7 }],
  ])('refuses with %s', (code, fields) => {
    const pool = new Mempool(LIMITS);
    add(pool, { sender: 'a', nonce: 0 });
    expect(add(pool, fields)).toMatchObject({ ok: false, rejection: { code } });
    expect(pool.size).toBe(1);
  });

  it('refuses a sender over its quota, and everyone once it is full, by count or by bytes', () => {
    const pool = new Mempool(LIMITS);
    for (let nonce = 0; nonce < 5; nonce++) expect(add(pool, { sender: 'a', nonce }).ok).toBe(true);
    expect(add(pool, { sender: 'a', nonce: 5 })).toMatchObject({ rejection: { code: 'mempool.sender-quota' } });
    const big = { sender: 'b', nonce: 0, padding: 8_000 };
    expect(add(pool, big)).toMatchObject({ rejection: { code: 'mempool.full' } });
    for (let i = 0; i < 7; i++) expect(add(pool, { sender: `c${i}`, nonce: 0 }).ok).toBe(true);
    expect(add(pool, { sender: 'd', nonce: 0 })).toMatchObject({ rejection: { code: 'mempool.full' } });
  });

  it('drops what a block used up, by whichever transaction, and what has expired', () => {
    const pool = new Mempool(LIMITS);
    for (const nonce of [0, 1, 3]) add(pool, { sender: 'a', nonce });
    add(pool, { sender: 'b', nonce: 0, validUntilHeight: 7 });
    expect(pool.settle(addressOfKey('a'), 2).map(({ signed }) => signed.transaction.nonce)).toEqual([0, 1]);
    expect(pool.expire(7)).toEqual([]);
    expect(pool.expire(8).length).toBe(1);
    expect([pool.size, pool.hasReady()]).toEqual([1, false]);
  });

  it('goes round all senders when heads are checked a few at a time', () => {
    const pool = new Mempool(LIMITS);
    for (const sender of ['a', 'b', 'c', 'd']) for (const nonce of [2, 1]) add(pool, { sender, nonce });
    let after = -1;
    const seen: string[] = [];
    for (let i = 0; i < 4; i++)
      for (const head of pool.heads(after, 1)) {
        after = head.arrival;
        seen.push(...named([head.signed], ['a', 'b', 'c', 'd']));
      }
    expect(seen).toEqual(['a1', 'b1', 'c1', 'd1']);
  });

  it('counts its transactions and bytes exactly, whatever happens, and never selects a gap or a repeat', () => {
    const action = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'settle', 'expire'),
      sender: fc.constantFrom('a', 'b', 'c'),
      nonce: fc.nat(9),
      until: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const pool = new Mempool(LIMITS);
        const next = new Map<string, number>();
        let height = 0;
        for (const { what, sender, nonce, until } of actions) {
          const from = next.get(sender) ?? 0;
          if (what === 'settle') {
            next.set(sender, Math.max(from, nonce));
            pool.settle(addressOfKey(sender), Math.max(from, nonce));
          } else if (what === 'expire') {
            pool.expire(++height);
          } else if (nonce >= from) {
            add(pool, { sender, nonce, validUntilHeight: height + until }, from);
          }
          const heads = pool.heads(-1, 100);
          expect(pool.size).toBeLessThanOrEqual(LIMITS.transactionsMax);
          expect(heads.length).toBeLessThanOrEqual(3);
          const expected = new Map(next);
          for (const { keyAddress, transaction } of pool.select(ALL)) {
            const name = ['a', 'b', 'c'].find((n) => toHex(addressOfKey(n)) === toHex(keyAddress)) as string;
            expect(transaction.nonce).toBe(expected.get(name) ?? 0);
            expected.set(name, transaction.nonce + 1);
          }
        }
        for (const sender of ['a', 'b', 'c']) pool.settle(addressOfKey(sender), 100);
        expect([pool.size, pool.bytes]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { parametersOf } from '../../src/ledger/parameters-of.ts';
import { memoised, type RowMemo } from '../../src/ledger/row-memo.ts';
import { validatorsOf } from '../../src/ledger/validator-sets.ts';
import { Council, keyName } from './governance/council.ts';

describe('a memoised row', () => {
  it('is answered as if it had been decoded each time, whichever states are asked in turn', () => {
    const row = fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), row)), (reads) => {
        const memo: RowMemo = new Map();
        for (const [key, bytes] of reads) {
          const answer = memoised(memo, { get: () => bytes }, key, () => bytes && toHex(bytes));
          expect(answer).toBe(bytes && toHex(bytes));
        }
      }),
    );
  });

  it('is decoded once while its bytes stay the same, in the same array or in another', () => {
    const memo: RowMemo = new Map();
    let decoded = 0;
    for (let i = 0; i < 3; i++)
      memoised(memo, { get: () => Uint8Array.of(1, 2) }, 'a', () => {
        decoded++;
        return 'row';
      });
    expect(decoded).toBe(1);
  });

  it('follows the state: parameters and set of an older view stay what they were then', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const old = council.tip.view;
    const at = council.height + 20;
    council.pass(5, 'addValidator', council.keyChange(5, keyName(5), at), [1, 2, 3]);
    council.pass(1, 'setParameter', { name: 'blockIntervalMs', value: 500 }, [1, 2, 3]);
    council.until(at);
    const { env, tip } = council;
    for (const [view, interval, members] of [
      [tip.view, 500, 5],
      [old, 1_000, 4],
      [tip.view, 500, 5],
    ] as const) {
      expect(parametersOf(env, view).blockIntervalMs).toBe(interval);
      expect(validatorsOf(env, view)).toHaveLength(members);
    }
  });
});

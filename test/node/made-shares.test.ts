import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { MadeShares } from '../../src/node/made-shares.ts';
import { seeded } from '../support/consortium.ts';

const read = (n: number): Hash => seeded(`read ${n}`, 32) as Hash;

describe('shares that were made', () => {
  it('are made once for each read and attempt', () => {
    const shares = new MadeShares();
    let made = 0;
    const make = () => ok(Uint8Array.of(++made));
    for (const [n, attempt, expected] of [
      [1, 0, 1],
      [1, 0, 1],
      [1, 1, 2],
      [2, 0, 3],
      [1, 0, 1],
    ] as const)
      expect(shares.once(read(n), attempt, make)).toEqual(ok(Uint8Array.of(expected)));
  });

  it('are made again where they could not be', () => {
    const shares = new MadeShares();
    expect(shares.once(read(1), 0, () => refuse('duty.envelope-foreign')).ok).toBe(false);
    expect(shares.once(read(1), 0, () => ok(Uint8Array.of(1)))).toEqual(ok(Uint8Array.of(1)));
  });

  it('are forgotten oldest first (madeSharesMax)', () => {
    const shares = new MadeShares();
    const { madeSharesMax } = NODE_LIMITS;
    for (let n = 0; n <= madeSharesMax; n++) shares.once(read(n), 0, () => ok(Uint8Array.of(1)));
    const again = (n: number) => shares.once(read(n), 0, () => ok(Uint8Array.of(2)));
    expect(again(madeSharesMax)).toEqual(ok(Uint8Array.of(1)));
    expect(again(1)).toEqual(ok(Uint8Array.of(1)));
    expect(again(0)).toEqual(ok(Uint8Array.of(2)));
  });
});

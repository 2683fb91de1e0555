import { describe, expect, it } from 'vitest';
import { type Address, height, type PublicKey, round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import {
  faultsOf,
  leaderOf,
  quorumOf,
  type ValidatorSet,
  validatorSetShape,
  validatorsHashOf,
} from '../../src/base/validators.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { codeOf } from './support.ts';

const setOf = (n: number): ValidatorSet =>
  Array.from({ length: n }, (_, i) => ({
    id: new Uint8Array(20).fill(i) as Address,
    publicKey: new Uint8Array(33).fill(i) as PublicKey,
  }));

describe('a quorum', () => {
  it('of n = 1 to 100: two share an honest member, and the honest alone are one', () => {
    for (let n = 1; n <= 100; n++) {
      const quorum = quorumOf(n);
      const faults = faultsOf(n);
      expect(3 * faults).toBeLessThan(n);
      expect(3 * (faults + 1)).toBeGreaterThanOrEqual(n);
      // The smallest overlap of two quorums holds more members than may be Byzantine.
      expect(2 * quorum - n).toBeGreaterThan(faults);
      expect(n - faults).toBeGreaterThanOrEqual(quorum);
    }
  });

  it('is 3 of 4, 5 of 7 and 7 of 10', () => {
    expect([4, 7, 10].map(quorumOf)).toEqual([3, 5, 7]);
    expect([4, 7, 10].map(faultsOf)).toEqual([1, 2, 3]);
  });
});

describe('the leader', () => {
  it('is set[(height + round) mod n]: every member leads once in n rounds and in n heights', () => {
    for (const n of [1, 4, 7]) {
      const set = setOf(n);
      const ids = set.map(({ id }) => toHex(id));
      for (const at of [0, 1, 1_000_003]) {
        const byRound = ids.map((_, r) => toHex(leaderOf(set, height(at), round(r)).id));
        const byHeight = ids.map((_, h) => toHex(leaderOf(set, height(at + h), round(0)).id));
        expect(byRound).toEqual(ids.map((_, r) => ids[(at + r) % n]));
        expect(byHeight).toEqual(byRound);
      }
    }
  });
});

describe('the hash of a set', () => {
  it('changes with every id, every key, the order and the number of members', () => {
    const set = setOf(4);
    const [first, second, ...rest] = set as [ValidatorSet[0], ValidatorSet[0], ...ValidatorSet];
    const hashes = [
      set,
      set.slice(1),
      [second, first, ...rest],
      [{ ...first, id: second.id }, second, ...rest],
      [{ ...first, publicKey: second.publicKey }, second, ...rest],
    ].map((members) => toHex(validatorsHashOf(noblePrimitives, members)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is of one to validatorsMax members', () => {
    expect(codeOf(validatorSetShape([], ''))).toBe('shape.out-of-range');
    expect(codeOf(validatorSetShape(setOf(LIMITS.validatorsMax), ''))).toBe('ok');
    expect(codeOf(validatorSetShape(setOf(LIMITS.validatorsMax + 1), ''))).toBe('shape.out-of-range');
  });
});

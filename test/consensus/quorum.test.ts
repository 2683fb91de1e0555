import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { round } from '../../src/base/brand.ts';
import { faultsOf, quorumOf } from '../../src/base/validators.ts';
import { roundToJoin } from '../../src/consensus/qbft/rules.ts';
import { members, setOf } from './fakes.ts';

const N = Array.from({ length: 100 }, (_, i) => i + 1);

describe('a quorum, for n = 1…100', () => {
  it('shares more than f members with any other', () => {
    for (const n of N) expect(2 * quorumOf(n) - n).toBeGreaterThan(faultsOf(n));
  });

  it('shares more than f members with any other, counted on drawn quorums', () => {
    const draw = fc.integer({ min: 1, max: 100 }).chain((n) => {
      const some = fc.shuffledSubarray(
        Array.from({ length: n }, (_, i) => i),
        {
          minLength: quorumOf(n),
          maxLength: quorumOf(n),
        },
      );
      return fc.record({ n: fc.constant(n), one: some, two: some });
    });
    fc.assert(
      fc.property(draw, ({ n, one, two }) => {
        const shared = one.filter((member) => two.includes(member));
        expect(shared.length).toBeGreaterThan(faultsOf(n));
      }),
      { numRuns: 300 },
    );
  });

  it('is reached while f members are silent', () => {
    for (const n of N) expect(n - faultsOf(n)).toBeGreaterThanOrEqual(quorumOf(n));
  });

  it('is the least that is safe: one member fewer, and two could share f or less', () => {
    for (const n of N) expect(2 * (quorumOf(n) - 1) - n).toBeLessThanOrEqual(faultsOf(n));
  });

  it('holds f + 1 honest members, enough to pull all others to their round', () => {
    for (const n of N) expect(quorumOf(n) - faultsOf(n)).toBeGreaterThanOrEqual(faultsOf(n) + 1);
  });
});

describe('the number of faults, for n = 1…100', () => {
  it('is the most that three times it stay below n', () => {
    for (const n of N) {
      expect(3 * faultsOf(n)).toBeLessThan(n);
      expect(3 * (faultsOf(n) + 1)).toBeGreaterThanOrEqual(n);
    }
  });
});

describe('the edge cases', () => {
  it('of one to three members tolerate no fault: of two and three, two and two must agree', () => {
    expect([1, 2, 3].map(faultsOf)).toEqual([0, 0, 0]);
    expect([1, 2, 3].map(quorumOf)).toEqual([1, 2, 2]);
  });

  it('of 3f + 1 members have the textbook quorum 2f + 1', () => {
    for (let f = 0; f <= 33; f++) expect([faultsOf(3 * f + 1), quorumOf(3 * f + 1)]).toEqual([f, 2 * f + 1]);
  });

  it('of 3f + 2 and 3f + 3 members need 2f + 2: there 2f + 1 would let two quorums meet in f', () => {
    for (let f = 0; f <= 32; f++)
      for (const n of [3 * f + 2, 3 * f + 3]) {
        expect([faultsOf(n), quorumOf(n)]).toEqual([f, 2 * f + 2]);
        expect(2 * (2 * f + 1) - n).toBeLessThanOrEqual(f);
      }
  });

  it('of three members go on with one of them silent, though they tolerate no Byzantine one', () => {
    expect(3 - 1).toBeGreaterThanOrEqual(quorumOf(3));
    expect(3 - 1).toBeGreaterThan(2 * faultsOf(3));
  });
});

describe('joining a round, for n = 1…64', () => {
  it('takes exactly f + 1 of them, and goes no further than one honest member is', () => {
    for (let n = 1; n <= 64; n++) {
      const set = setOf(members(n));
      const f = faultsOf(n);
      const claims = (count: number, at: number) => Array.from({ length: count }, () => round(at));
      expect(roundToJoin(set, round(0), claims(f, 9))).toBeNull();
      expect(roundToJoin(set, round(0), claims(f + 1, 9))).toBe(9);
      expect(roundToJoin(set, round(0), [...claims(f, 1_000), ...claims(1, 4)])).toBe(4);
    }
  });
});

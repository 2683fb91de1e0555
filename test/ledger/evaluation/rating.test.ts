import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  INITIAL_REPUTATION,
  NO_RATINGS,
  ratingOf,
  reputationOf,
  scoreOf,
} from '../../../src/ledger/evaluation/rating.ts';

/** The reading of Alg. 3, line 8, in rational arithmetic: floor of a quotient as big integers give it. */
const judged = (latencyMs: number): number => {
  const seconds = BigInt(latencyMs) / 1_000n;
  const l = seconds < 1n ? 1n : seconds;
  return l > 3_600n ? 0 : Number(65_535n - (65_534n * (l - 1n)) / 3_599n);
};

describe('the rating of an answer (Alg. 3, F34)', () => {
  it.each([
    [0, 65_535],
    [999, 65_535],
    [1_000, 65_535],
    [1_999, 65_535],
    [2_000, 65_517],
    [60_000, 64_461],
    [1_800_000, 32_778],
    [1_801_000, 32_759],
    [3_599_000, 20],
    [3_600_000, 1],
    [3_600_999, 1],
    [3_601_000, 0],
    [86_400_000, 0],
  ])('after %i ms is %i', (latencyMs, rating) => {
    expect(ratingOf(latencyMs)).toBe(rating);
  });

  it('is what big integers give, at every second of the day, and never rises', () => {
    const seconds = Array.from({ length: 86_401 }, (_, s) => s);
    const ratings = seconds.map((s) => ratingOf(s * 1_000 + (s % 1_000)));
    expect(ratings).toEqual(seconds.map((s) => judged(s * 1_000)));
    expect(ratings.filter((rating, s) => rating > (ratings[s - 1] ?? 65_535))).toEqual([]);
  });
});

describe('a reputation (F35)', () => {
  it('begins as one rating of 32,768', () => {
    expect(INITIAL_REPUTATION).toBe(32_768);
    expect(reputationOf(NO_RATINGS)).toBe(32_768);
  });

  it('is the mean of all ratings with the first one, rounded down', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535), { maxLength: 50 }), (ratings) => {
        const sum = ratings.reduce((a, b) => a + b, 32_768);
        const mean = Number(BigInt(sum) / BigInt(ratings.length + 1));
        expect(reputationOf({ sum, count: ratings.length + 1 })).toBe(mean);
        expect(mean).toBeLessThanOrEqual(65_535);
      }),
    );
  });
});

describe('a score', () => {
  it('is exact, and at its largest below 2^48', () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.nat(65_535), (rating, reputation) => {
        expect(BigInt(scoreOf(rating, reputation))).toBe(BigInt(rating) * (BigInt(reputation) + 1n) ** 2n);
      }),
    );
    expect(scoreOf(65_535, 65_535)).toBeLessThan(2 ** 48);
    expect(BigInt(scoreOf(65_535, 65_535))).toBe(65_535n * 65_536n ** 2n);
  });
});

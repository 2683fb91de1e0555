/*
 * Alg. 3 with its line 8 mended, and `evaluateOracles`, which the paper names and does not give (docs/features.md, F34, F35). Integers
 * only: every node computes the same.
 */

export const RATING_MAX = 65_535;
/** The one rating with which a hospital begins. */
export const INITIAL_REPUTATION = 32_768;
/** A later answer is worth nothing, s. */
const LATENCY_MAX_S = 3_600;

/** 1 s → 65,535, one hour → 1, in a straight line between; 0 beyond. Sooner than 1 s counts as 1 s. */
export function ratingOf(latencyMs: number): number {
  const seconds = Math.max(1, Math.floor(latencyMs / 1_000));
  if (seconds > LATENCY_MAX_S) return 0;
  return RATING_MAX - Math.floor(((RATING_MAX - 1) * (seconds - 1)) / (LATENCY_MAX_S - 1));
}

/** The ratings that a hospital got, the initial one among them. */
export interface Ratings {
  readonly sum: number;
  readonly count: number;
}
export const NO_RATINGS: Ratings = { sum: INITIAL_REPUTATION, count: 1 };

/** Their mean, rounded down. */
export const reputationOf = ({ sum, count }: Ratings): number => Math.floor(sum / count);

/**
 * By which answers compete: rating · (reputation + 1)². Neither factor exceeds 2^16: a rating is at most 2^16 − 1, and so is a mean
 * of ratings. The product is below 2^48, an exact integer. A sum of ratings is one for the first 2^37 reads of a hospital.
 */
export const scoreOf = (rating: number, reputation: number): number => rating * (reputation + 1) ** 2;

/** What a report says of many samples. The unit is the samples' own. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Exact, from all samples: an average hides the slow ones, a histogram rounds them. Null where there are none. */
export function spreadOf(samples: Iterable<number>): Spread | null {
  const sorted = Float64Array.from(samples).sort();
  if (sorted.length === 0) return null;
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted[sorted.length - 1] as number,
  };
}

/** Nearest rank: the least sample that at least `share` of all do not exceed. It is always one of the samples. */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] as number;
}

export const meanOf = (samples: readonly number[]): number | null =>
  samples.length === 0 ? null : samples.reduce((sum, sample) => sum + sample, 0) / samples.length;

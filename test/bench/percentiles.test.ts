import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanOf, percentile, spreadOf } from '../../src/bench/percentiles.ts';

const samples = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 200 });

describe('a percentile', () => {
  it('is the least sample that the share does not exceed, by definition', () => {
    fc.assert(
      fc.property(samples, fc.double({ noNaN: true, min: 0.01, max: 1 }), (list, share) => {
        const found = percentile(Float64Array.from(list).sort(), share);
        const atMost = (limit: number): number => list.filter((sample) => sample <= limit).length / list.length;
        expect(list).toContain(found);
        expect(atMost(found)).toBeGreaterThanOrEqual(share);
        for (const smaller of list.filter((sample) => sample < found)) expect(atMost(smaller)).toBeLessThan(share);
      }),
    );
  });

  it.each([
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [1, 100],
    [0.001, 1],
  ])('of 1 to 100 at %d is %d', (share, expected) => {
    expect(
      percentile(
        Float64Array.from({ length: 100 }, (_, i) => i + 1),
        share,
      ),
    ).toBe(expected);
  });
});

describe('a spread', () => {
  it('sorts by size, not as text, and does not touch its samples', () => {
    const list = [9, 100, 20];
    expect(spreadOf(list)).toEqual({ p50: 20, p95: 100, p99: 100, max: 100 });
    expect(list).toEqual([9, 100, 20]);
  });

  it('is none where there are no samples', () => {
    expect(spreadOf([])).toBeNull();
    expect(meanOf([])).toBeNull();
  });
});

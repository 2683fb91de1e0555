import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELAY_ENTROPY_BYTES, DELAY_WINDOW_MS, grantEnd, scheduleDelays } from '../../src/crypto/delays.ts';
import { bytesFrom } from './support/vectors.ts';

const DAY_MS = 86_400_000;

describe('delays', () => {
  it('are whole milliseconds of the window, one for each transaction', () => {
    const input = fc
      .integer({ min: 0, max: 8 })
      .chain((count) =>
        fc.tuple(
          fc.uint8Array({ minLength: 8 * count, maxLength: 8 * count }),
          fc.constant(count),
          fc.integer({ min: 1, max: 2 ** 39 }),
        ),
      );
    fc.assert(
      fc.property(input, ([entropy, count, windowMs]) => {
        const delays = scheduleDelays(entropy, count, windowMs);
        expect(delays.length).toBe(count);
        for (const delay of delays) {
          expect(Number.isSafeInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(windowMs);
        }
      }),
    );
  });

  it('are 0 for the least entropy and the last millisecond for the greatest', () => {
    expect(scheduleDelays(new Uint8Array(8), 1)).toEqual([0]);
    expect(scheduleDelays(new Uint8Array(8).fill(0xff), 1)).toEqual([DELAY_WINDOW_MS - 1]);
  });

  it('are uniform and independent: tenths of the window, and pairs of halves, are equally full', () => {
    const count = 4_000;
    const delays = scheduleDelays(bytesFrom('delays', count * DELAY_ENTROPY_BYTES), count);
    const tenths = new Array<number>(10).fill(0);
    for (const delay of delays) add(tenths, Math.floor((10 * delay) / DELAY_WINDOW_MS));
    // χ² with 9 and 3 degrees of freedom stays below these but for one draw in a thousand; the draw is fixed.
    expect(chiSquared(tenths)).toBeLessThan(27.9);
    const pairs = [0, 0, 0, 0];
    for (let i = 0; i + 1 < count; i += 2) {
      const half = (at: number) => ((delays[at] as number) * 2 < DELAY_WINDOW_MS ? 0 : 1);
      add(pairs, 2 * half(i) + half(i + 1));
    }
    expect(chiSquared(pairs)).toBeLessThan(16.3);
  });

  it('have entropy of their own, and a window', () => {
    expect(() => scheduleDelays(new Uint8Array(15), 2)).toThrow('8 random bytes');
    expect(() => scheduleDelays(new Uint8Array(8), 1, 0)).toThrow('window');
    expect(() => scheduleDelays(new Uint8Array(8), 1, 2 ** 40)).toThrow('window');
  });
});

function add(counts: number[], at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the end of a grant', () => {
  it('is the next midnight, never earlier, and the same for all ends of a day', () => {
    expect(grantEnd(DAY_MS, DAY_MS)).toBe(2 * DAY_MS);
    expect(grantEnd(DAY_MS + 1, DAY_MS)).toBe(3 * DAY_MS);
    fc.assert(
      fc.property(fc.nat(2 ** 31), (ms) => {
        expect(grantEnd(ms, 90 * DAY_MS) - ms).toBeGreaterThanOrEqual(90 * DAY_MS);
        expect(grantEnd(ms, 90 * DAY_MS) - ms).toBeLessThan(91 * DAY_MS);
        expect(grantEnd(ms, 90 * DAY_MS) % DAY_MS).toBe(0);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { compare, reviewText } from './compare.ts';
import { Draw } from './draw.ts';
import { drawPolicy } from './draw-policy.ts';

const POLICIES = 500;
/** A call of the official engine costs less a policy when it is asked about many. */
const BATCH = 100;

const drawMany = (seed: number, count: number): string[] => {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => drawPolicy(draw));
};

describe('drawn policies', { timeout: 60_000 }, () => {
  it.each([1, 2, 3, 4])('are judged alike by our checker and the official engine, strict (seed %i)', (seed) => {
    let valid = 0;
    const texts = drawMany(seed, POLICIES);
    for (let from = 0; from < POLICIES; from += BATCH) {
      const comparison = compare(texts.slice(from, from + BATCH));
      expect(comparison.differences).toEqual([]);
      valid += comparison.valid;
    }
    expect(valid).toBeGreaterThan(POLICIES / 3);
    expect(valid).toBeLessThan((POLICIES * 2) / 3);
  });

  it('are valid in permissive mode wherever they are in strict mode, and some there only', () => {
    const texts = drawMany(7, POLICIES);
    const strict = texts.filter((text) => reviewText(text).errors.length === 0);
    expect(strict.filter((text) => reviewText(text, 'permissive').errors.length > 0)).toEqual([]);
    const permissive = texts.filter((text) => reviewText(text, 'permissive').errors.length === 0);
    expect(permissive.length).toBeGreaterThan(strict.length * 1.1);
  });
});

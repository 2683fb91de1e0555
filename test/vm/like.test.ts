import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLike, likePattern } from '../../src/vm/values/like.ts';

/** The definition, by dynamic programming: does pattern[0, j) match text[0, i)? `undefined` stands for the wildcard. */
function matches(text: string, pattern: readonly (string | undefined)[]): boolean {
  let row = [true, ...Array.from(text, () => false)];
  for (const unit of pattern) {
    const next = [unit === undefined && row[0] === true];
    for (let i = 1; i <= text.length; i++)
      next[i] =
        unit === undefined ? next[i - 1] === true || row[i] === true : row[i - 1] === true && text[i - 1] === unit;
    row = next;
  }
  return row[text.length] === true;
}

describe('like', () => {
  it('matches what its definition matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 14 });
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(text, parts, (given, literals) => {
        const units = literals.flatMap((part, i) => (i === 0 ? [...part] : [undefined, ...part]));
        expect(isLike(given, likePattern(literals))).toBe(matches(given, units));
      }),
      { numRuns: 3_000 },
    );
  });

  it('stays linear where trying every place anew would not end in time', () => {
    const pattern = likePattern(['', `${'a'.repeat(30_000)}b`, '']);
    const text = 'a'.repeat(60_000);
    // 100 × 30,000² steps one way, 100 × 90,000 the other.
    for (let i = 0; i < 100; i++) expect(isLike(text, pattern)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { reviewsText } from '../../src/consortium/commands/hospital-review.ts';

const review = {
  read: '0a'.repeat(32),
  record: '0b'.repeat(32),
  owner: '0c'.repeat(20),
  reader: '0d'.repeat(20),
  desk: '0e'.repeat(20),
  height: 7 as Height,
  reason: 'no pulse, allergies unknown' as string | null,
  problem: null as string | null,
};

describe('the list of what waits for a review', () => {
  it('shows the reason in words, on one line of its review', () => {
    expect(reviewsText([review]).split('\n')).toEqual([
      review.read,
      `  ${review.reader} at the desk of ${review.desk}, of ${review.owner}`,
      '  no pulse, allergies unknown',
    ]);
    expect(reviewsText([])).toBe('nothing waits for a review');
  });

  it('lets no reason move the cursor, turn the text round, or pass for another review', () => {
    const reason = `fine\u001b[2J\r\n${'0f'.repeat(32)}\u0085\u2028\u202e x`;
    const text = reviewsText([{ ...review, reason }]);
    expect(text.split('\n')).toHaveLength(3);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('fine\ufffd[2J');
  });

  it('tells a reason that is for others from one that is for this hospital and opens to nothing', () => {
    const without = (problem: string): string => reviewsText([{ ...review, reason: null, problem }]);
    expect(without('crypto-reason.not-for-you')).toContain('(crypto-reason.not-for-you)');
    expect(without('crypto-box.wrong-key')).toContain('(crypto-box.wrong-key)');
  });
});

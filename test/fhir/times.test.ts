import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf, LAST_INSTANT_MS, spanOf } from '../../src/fhir/times.ts';

describe('FHIR times', () => {
  it('are written to the millisecond in UTC, and read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST_INSTANT_MS }), (ms) => {
        expect(spanOf(instantOf(ms))).toEqual({ startsFromMs: ms, startsToMs: ms, endsFromMs: ms, endsToMs: ms });
        expect(instantOf(ms)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      }),
    );
    expect(instantOf(LAST_INSTANT_MS + 1)).toBe('9999-12-31T23:59:59.999Z');
  });

  it('without a zone are a day anywhere on earth', () => {
    const day = spanOf('2024-02-29');
    expect(day).toEqual({
      startsFromMs: Date.parse('2024-02-28T10:00:00Z'),
      startsToMs: Date.parse('2024-02-29T12:00:00Z'),
      endsFromMs: Date.parse('2024-03-01T00:00:00Z') - 1 - 14 * 3_600_000,
      endsToMs: Date.parse('2024-03-01T00:00:00Z') - 1 + 12 * 3_600_000,
    });
    expect(spanOf('2024')?.endsFromMs).toBe(Date.parse('2025-01-01T00:00:00Z') - 1 - 14 * 3_600_000);
    expect(spanOf('2024-12')?.endsToMs).toBe(Date.parse('2025-01-01T00:00:00Z') - 1 + 12 * 3_600_000);
  });

  it('that name a second may end with its beginning or with its end', () => {
    const span = spanOf('2016-06-23T17:32:33+10:00');
    expect(span?.endsFromMs).toBe(Date.parse('2016-06-23T07:32:33Z'));
    expect(span?.endsToMs).toBe(Date.parse('2016-06-23T07:32:33.999Z'));
    expect(spanOf('2016-06-23T07:32:33.123456Z')?.endsToMs).toBe(Date.parse('2016-06-23T07:32:33.123Z'));
  });

  it.each([
    '',
    '2024-13',
    '2023-02-29',
    '2024-1-1',
    '2024-01-01T10:00',
    '2024-01-01T10:00:00',
    '2024-01-01T25:00:00Z',
    'today',
    '0099',
  ])('%j is none', (text) => expect(spanOf(text)).toBeUndefined());
});

import { describe, expect, it } from 'vitest';
import { consentOf, type GrantedRow, standingTerms } from '../../../src/fhir/index.ts';
import { expectValid } from '../judge.ts';
import { category, DOCTOR_A, HOSPITAL_A, NOW_MS, PATIENT } from './cast.ts';

const row = (grant: number, of: number, change: object = {}): GrantedRow =>
  ({
    grantee: { type: 'person', id: DOCTOR_A },
    category: category(of),
    row: {
      grant: new Uint8Array(32).fill(grant),
      purposes: ['TREAT'],
      access: 'read',
      expires: NOW_MS + 1_000,
      usesLeft: null,
      epochFrom: 0,
      epochTo: of,
      grantedHeight: grant,
      ...change,
    },
  }) as unknown as GrantedRow;

describe('grants that stand in the state', () => {
  it('are put together again by their transactions, with each category and its epochs', () => {
    const [first, second, ...others] = standingTerms([row(1, 1), row(2, 3), row(1, 2)], NOW_MS);
    expect(others).toEqual([]);
    expect(first?.terms.categories).toEqual([
      { category: category(1), epochFrom: 0, epochTo: 1 },
      { category: category(2), epochFrom: 0, epochTo: 2 },
    ]);
    expect([first?.grant, second?.grant]).toEqual(['01'.repeat(32), '02'.repeat(32)]);
  });

  it('say the least of the uses that are left, and are over when used up or at their end', () => {
    const terms = (rows: GrantedRow[], nowMs = NOW_MS) => standingTerms(rows, nowMs)[0];
    expect(terms([row(1, 1, { usesLeft: 5 }), row(1, 2, { usesLeft: 3 })])?.terms.uses).toBe(3);
    expect(terms([row(1, 1, { usesLeft: 0 })])?.isOver).toBe(true);
    expect(terms([row(1, 1)])?.isOver).toBe(false);
    expect(terms([row(1, 1)], NOW_MS + 1_000)?.isOver).toBe(true);
  });

  it('become valid Consents', () => {
    for (const { grant, terms } of standingTerms([row(1, 1), row(2, 2, { usesLeft: 2 })], NOW_MS))
      expectValid(
        consentOf({ grant, patient: PATIENT, hospital: HOSPITAL_A, terms, grantedMs: NOW_MS, status: 'active' }),
      );
  });
});

import { describe, expect, it } from 'vitest';
import { expectApplied, hospitalName, publicOf } from '../town.ts';
import { DOCTOR_A, DOCTOR_B, grantTo, PATIENT, Ward } from './ward.ts';

/** A patient with one record under this label, a doctor without a grant, and one of another hospital with one. */
function wardWith(label: 'N' | 'R' | 'V'): Ward {
  const ward = new Ward();
  ward.join(PATIENT, 'patient');
  ward.join(DOCTOR_A, 'practitioner');
  ward.join(DOCTOR_B, 'practitioner', hospitalName(2));
  const publicKey = publicOf(`${PATIENT} delegating`);
  const category = ward.category(PATIENT);
  expectApplied(ward.act(PATIENT, 'publishDelegatingKey', { category, epoch: 0, publicKey, label }));
  expectApplied(ward.act(PATIENT, 'registerRecord', ward.recordPayload(PATIENT, PATIENT)));
  grantTo(ward, PATIENT, DOCTOR_B, {});
  return ward;
}

describe('what a denial costs', () => {
  it('is the same whatever the label of the record: a receipt tells it to nobody without a grant (PRIVACY.md, "Transport")', () => {
    const costs = (['N', 'R', 'V'] as const).map((label) => {
      const ward = wardWith(label);
      return (['TREAT', 'HRESCH', 'BTG', 'FAMRQT'] as const).map((purpose) => {
        const { outcome, code, policies, gasUsed } = ward.read(DOCTOR_A, PATIENT, purpose);
        expect({ outcome, code, policies }).toEqual({ outcome: 'denied', code: 'policy.denied', policies: [] });
        return gasUsed;
      });
    });
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[2]).toEqual(costs[0]);
  });
});

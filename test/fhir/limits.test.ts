import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countTable, FHIR_LIMITS, importConsent } from '../../src/fhir/index.ts';
import { actor, consent, PERMIT, SETTING } from './consent/cast.ts';

const folder = new URL('.', import.meta.url);
const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('');

describe('the limits of the FHIR room', () => {
  it.each(Object.keys(FHIR_LIMITS))('%s is named by a test', (name) => expect(tests).toContain(name));

  it('a Consent has lists of at most consentItemsMax items', () => {
    const withActors = (length: number) => consent({ ...PERMIT, actor: Array(length).fill(actor('Practitioner/a')) });
    expect(importConsent(withActors(FHIR_LIMITS.consentItemsMax), SETTING).grants).toHaveLength(1);
    expect(importConsent(withActors(FHIR_LIMITS.consentItemsMax + 1), SETTING).findings[0]?.code).toBe(
      'fhir-consent.malformed',
    );
  });

  it('a research table has at most researchValuesMax values a side, and researchRowsMax sources', () => {
    const values = (length: number) =>
      Array.from({ length }, (_, index) => ({ patient: 'a', row: `${index}`, column: 'c' }));
    expect(countTable(values(FHIR_LIMITS.researchValuesMax), () => true).ok).toBe(true);
    expect(countTable(values(FHIR_LIMITS.researchValuesMax + 1), () => true)).toMatchObject({
      rejection: { code: 'fhir-research.too-wide' },
    });
    const endless = function* () {
      for (;;) yield { patient: 'a', row: 'r', column: 'c' };
    };
    expect(countTable(endless(), () => false)).toMatchObject({ rejection: { code: 'fhir-research.too-wide' } });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FHIR_LIMITS, keywordsOf } from '../../src/fhir/index.ts';
import { samplePatientBundle } from '../../src/fhir/sample.ts';

const coded = (...coding: object[]) => ({ resourceType: 'Condition', code: { coding } });

describe('the keywords of a resource', () => {
  it('are its codes with their systems, then the words beside them', () => {
    const condition = {
      resourceType: 'Condition',
      code: {
        coding: [{ system: 'http://snomed.info/sct', code: '38341003', display: 'Hypertensive disorder' }],
        text: 'High blood pressure',
      },
    };
    expect(keywordsOf(condition)).toEqual([
      'http://snomed.info/sct|38341003',
      'high',
      'blood',
      'pressure',
      'hypertensive',
      'disorder',
    ]);
  });

  it('of a visit find what was found and prescribed, and nobody', () => {
    const keywords = keywordsOf(samplePatientBundle({ marker: 'planted' }));
    expect(keywords).toEqual(expect.arrayContaining(['http://loinc.org|8480-6', 'lisinopril', 'hypertensive']));
    const text = keywords.join(' ');
    for (const secret of ['synthetic', 'planted', 'sample-0', 'visit', 'mm[hg]']) expect(text).not.toContain(secret);
  });

  it('are one token in whatever form of Unicode they are written', () => {
    const words = (display: string) => keywordsOf(coded({ system: 's', code: 'c', display })).slice(1);
    expect(words('Ménière')).toEqual(words('Me\u0301nie\u0300re'));
    expect(words('ﬁbrosis')).toEqual(['fibrosis']);
    expect(words('ＨＩＶ Test')).toEqual(['hiv', 'test']);
    expect(words('of a')).toEqual([]);
  });

  it('leave out people, identifiers, handling and free text', () => {
    const resource = {
      resourceType: 'Patient',
      meta: { security: [{ system: 'sensitivity', code: 'PSY', display: 'psychiatry' }] },
      identifier: [
        {
          type: { coding: [{ system: 'x', code: 'MR', display: 'medical record number' }], text: 'number' },
          value: '7',
        },
      ],
      name: [{ text: 'somebody' }],
      text: { div: 'narrative' },
      note: [{ text: 'a note' }],
    };
    expect(keywordsOf(resource)).toEqual([]);
  });

  it('are each there once, and no more than the limits (keywordsMax, keywordUnitsMax)', () => {
    const many = Array.from({ length: FHIR_LIMITS.keywordsMax + 9 }, (_, index) => ({
      system: 's',
      code: `c${index}`,
    }));
    const keywords = keywordsOf(coded(...many, ...many));
    expect(keywords).toHaveLength(FHIR_LIMITS.keywordsMax);
    expect(new Set(keywords).size).toBe(keywords.length);
    expect(keywordsOf(coded({ system: 's', code: 'x'.repeat(FHIR_LIMITS.keywordUnitsMax) }))).toEqual([]);
  });

  it('are found in bounded work, whatever the file holds (keywordNodesMax)', () => {
    const wide = {
      code: Array.from({ length: FHIR_LIMITS.keywordNodesMax + 10 }, () => ({})),
      last: { system: 's', code: 'c' },
    };
    expect(keywordsOf(wide)).toEqual([]);
    expect(keywordsOf({ last: { system: 's', code: 'c' } })).toEqual(['s|c']);
    fc.assert(fc.property(fc.jsonValue(), (value) => keywordsOf(value).length <= FHIR_LIMITS.keywordsMax));
  });
});

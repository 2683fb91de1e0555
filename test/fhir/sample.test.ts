import type { BundleEntry } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { recogniseBundle } from '../../src/fhir/bundle.ts';
import { samplePatientBundle, samplePatientText } from '../../src/fhir/sample.ts';

/** Fields with cardinality 1..1 or 1..* in R4's definitions of these resources. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  Patient: [],
  Practitioner: [],
  Encounter: ['status', 'class'],
  Condition: ['subject'],
  Observation: ['status', 'code'],
  MedicationRequest: ['status', 'intent', 'medicationCodeableConcept', 'subject'],
};

const entries = (number = 0): BundleEntry[] => samplePatientBundle({ number }).entry ?? [];

describe('the synthetic patient', () => {
  it('is the same at every making, and another for another number', () => {
    expect(samplePatientText({ number: 3 })).toBe(samplePatientText({ number: 3 }));
    expect(samplePatientText({ number: 3 })).not.toBe(samplePatientText({ number: 4 }));
  });

  it('is recognised as a patient bundle with a visit, a finding, a measurement and a prescription', () => {
    const bundle = recogniseBundle(samplePatientText());
    expect(bundle.ok && bundle.value.kind).toBe('patient');
    expect(bundle.ok && [...bundle.value.counts.keys()]).toEqual(Object.keys(REQUIRED));
    expect(bundle.ok && bundle.value.members[0]?.identifier).toBe('urn:carechain:sample|sample-0');
  });

  it('has every field that R4 requires', () => {
    for (const { resource } of entries()) {
      expect(Object.keys(resource ?? {})).toEqual(
        expect.arrayContaining([...(REQUIRED[resource?.resourceType ?? ''] ?? ['?'])]),
      );
    }
  });

  it('refers only to resources of the same bundle', () => {
    const known = entries(5).map(({ fullUrl }) => fullUrl);
    const references = [...samplePatientText({ number: 5 }).matchAll(/"reference": "([^"]+)"/g)].map(([, url]) => url);
    expect(references.length).toBeGreaterThan(5);
    expect(references.filter((url) => !known.includes(url))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });

  it('carries a planted marker once, and none unless asked', () => {
    expect(samplePatientText({ marker: 'find me' }).split('find me')).toHaveLength(2);
    expect(samplePatientText()).not.toContain('undefined');
  });
});

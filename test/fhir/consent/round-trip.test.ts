import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { consentOf, type GrantTerms, importConsent, type KnownCategory } from '../../../src/fhir/index.ts';
import { parseBounded } from '../../../src/fhir/json.ts';
import { ACCESS_LEVELS, LABELS, PURPOSES, ROLES } from '../../../src/ledger/vocabulary.ts';
import { expectValid } from '../judge.ts';
import { DAY_MS, HOSPITAL_A, NOW_MS, PATIENT, SETTING } from './cast.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((one) => Buffer.from(one).toString('hex'));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const categories = fc.uniqueArray(
  fc.record({
    category: bytes(16),
    epoch: fc.nat(1_000_000),
    label: fc.constantFrom(...LABELS),
    from: fc.nat(1_000_000),
  }),
  { minLength: 1, maxLength: 16, selector: ({ category }) => Buffer.from(category).toString('hex') },
);

/** Every grant that the chain takes (T-27), with the categories as its patient's device knows them. */
const granted = fc
  .record({
    person: hex(20),
    type: fc.constantFrom('person' as const, 'hospital' as const, 'role' as const),
    role: fc.constantFrom(...ROLES),
    kind: fc.constantFrom('practitioner' as const, 'related-person' as const),
    categories,
    purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1 }),
    access: fc.constantFrom(...ACCESS_LEVELS),
    ms: fc.integer({ min: 1, max: 3_650 * DAY_MS }),
    uses: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    request: fc.option(bytes(32)),
    showsLabels: fc.boolean(),
  })
  .map(({ person, type, role, kind, categories, purposes, access, ms, uses, request, showsLabels }) => {
    const known: KnownCategory[] = categories.map((one) => ({ ...one, sensitivities: [] }));
    const isPerson = type === 'person';
    const terms: GrantTerms = {
      grantee: { type, id: type === 'role' ? role : person },
      categories: categories.map(({ category, epoch, from }) => ({
        category,
        epochFrom: Math.min(from, epoch),
        epochTo: epoch,
      })),
      purposes,
      access: isPerson ? access : 'read',
      expires: NOW_MS + ms,
      uses: isPerson && access !== 'read' ? null : uses,
      request: isPerson ? (request as Hash | null) : null,
    };
    return { terms, known, kind, labels: showsLabels ? known.map(({ label }) => label) : undefined };
  });

describe('a grant that becomes a Consent and comes back', () => {
  it('is the same grant, and nothing else; the Consent is valid R4', () => {
    fc.assert(
      fc.property(granted, hex(32), ({ terms, known, kind, labels }, grant) => {
        const source = { grant, patient: PATIENT, hospital: HOSPITAL_A, terms, person: kind, grantedMs: NOW_MS };
        const made = consentOf({ ...source, status: 'active', ...(labels === undefined ? {} : { labels }) });
        const text = JSON.stringify(made);
        const parsed = parseBounded(text);
        const back = importConsent(parsed.ok && parsed.value, { ...SETTING, categories: known });
        expect(back).toEqual({ grants: [terms], refusals: [], revocations: [], findings: [] });
        expectValid(made);
      }),
      { numRuns: 150 },
    );
  });

  it('brings no grant back once it is revoked', () => {
    fc.assert(
      fc.property(granted, hex(32), ({ terms, known }, grant) => {
        const source = { grant, patient: PATIENT, hospital: HOSPITAL_A, terms, grantedMs: NOW_MS };
        const back = importConsent(consentOf({ ...source, status: 'inactive' }), { ...SETTING, categories: known });
        expect(back.grants).toEqual([]);
        expect(back.findings.map(({ code }) => code)).toEqual(['fhir-consent.not-active']);
      }),
      { numRuns: 20 },
    );
  });

  it('claims a profile of IHE PCF only for reading, and never shows delivery', () => {
    const terms: GrantTerms = {
      grantee: { type: 'hospital', id: HOSPITAL_A },
      categories: [{ category: new Uint8Array(16), epochFrom: 0, epochTo: 0 }],
      purposes: ['TREAT', 'BTG'],
      access: 'read',
      expires: NOW_MS + 1,
      uses: null,
      request: null,
    };
    const source = {
      grant: 'a'.repeat(64),
      patient: PATIENT,
      hospital: HOSPITAL_A,
      grantedMs: 0,
      status: 'active',
    } as const;
    const profile = (extra: object) =>
      consentOf({ ...source, terms, ...extra })
        .meta?.profile?.[0]?.split('.')
        .at(-1);
    expect(profile({})).toBe('consentIntermediate');
    expect(profile({ labels: ['N', 'R'] })).toBe('consentAdvanced');
    expect(profile({ labels: ['N', 'V'] })).toBeUndefined();
    expect(profile({ terms: { ...terms, access: 'write' } })).toBeUndefined();
    expect(
      consentOf({ ...source, terms, labels: ['N', 'R'] }).provision?.securityLabel?.map(({ code }) => code),
    ).toEqual(['R']);
  });
});

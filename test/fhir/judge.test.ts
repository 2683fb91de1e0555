import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';
import { faultsOf } from './judge.ts';

const CONSENT = {
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'privacy' },
  category: [{ text: 'x' }],
  provision: { type: 'permit' },
};

describe('the judge of FHIR resources', () => {
  it('accepts what R4 accepts', () => expect(faultsOf(CONSENT)).toEqual([]));

  it.each([
    ['a required element that is missing', { ...CONSENT, scope: undefined }],
    ['an element that R4 does not know', { ...CONSENT, provisions: [] }],
    ['one that nests', { ...CONSENT, provision: { kind: 'permit' } }],
    ['a code outside a required value set', { ...CONSENT, status: 'on' }],
    ['a list where one is meant', { ...CONSENT, provision: [{ type: 'permit' }] }],
    ['a text where a number is meant', { resourceType: 'Bundle', type: 'searchset', total: 'two' }],
    [
      'a required element that nests',
      { resourceType: 'Provenance', recorded: '2026-01-01T00:00:00Z', target: [{}], agent: [{}] },
    ],
  ])('notices %s', (_what, resource) => {
    expect(faultsOf(JSON.parse(JSON.stringify(resource)))).not.toEqual([]);
  });

  const fixtures = fixturesFolder();
  it.skipIf(fixtures === undefined)(
    `accepts R4's own examples ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`,
    () => {
      const folder = join(fixtures ?? '', 'data', 'fhir-examples');
      const names = readdirSync(folder);
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect(faultsOf(JSON.parse(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
    },
  );
});

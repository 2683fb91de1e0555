import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importConsent } from '../../../src/fhir/index.ts';
import { parseBounded } from '../../../src/fhir/json.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../../support/fixtures.ts';
import { CATEGORIES, DAY_MS, DOCTOR_A, HOSPITAL_A, NOW_MS, PATIENT } from './cast.ts';

/**
 * R4's twelve examples, with every actor known on this chain, so that nothing is refused for want of a person. They predate IHE PCF: all but
 * one leave the first provision without a type, and `notThem` (by its narrative a denial) and `basic` (a permit) mean opposite things by
 * that. Only what every reading agrees on may be imported.
 */
const EXPECTED: Readonly<Record<string, { grants: number; refusals: number; findings: readonly string[] }>> = {
  Emergency: { grants: 0, refusals: 0, findings: ['root-without-type', 'actor-role'] },
  Out: { grants: 0, refusals: 0, findings: ['root-without-type'] },
  basic: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type'] },
  grantor: { grants: 0, refusals: 0, findings: ['root-without-type'] },
  notAuthor: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type'] },
  notOrg: { grants: 0, refusals: 1, findings: ['base-permits'] },
  notThem: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type'] },
  notThis: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type'] },
  notTime: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type'] },
  pkb: { grants: 0, refusals: 0, findings: ['root-without-type', 'without-type'] },
  signature: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type', 'class', 'code', 'actor-role'] },
  smartonfhir: { grants: 0, refusals: 0, findings: ['base-permits', 'root-without-type', 'class'] },
};

const fixtures = fixturesFolder();
const folder = join(fixtures ?? '', 'data', 'fhir-consent');

describe.skipIf(fixtures === undefined)(
  `R4's Consent examples ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    it('import, or are refused with a reason each, and none opens anything', () => {
      const found = Object.fromEntries(readdirSync(folder).map((name) => [nameOf(name), outcomeOf(name)]));
      // The table for whoever reads the run.
      console.table(
        Object.fromEntries(
          Object.entries(found).map(([name, one]) => [name, { ...one, findings: one.findings.join(' ') }]),
        ),
      );
      expect(found).toEqual(EXPECTED);
    });
  },
);

const nameOf = (file: string): string => file.replace('Consent-consent-example-', '').replace('.json', '');

function outcomeOf(file: string) {
  const parsed = parseBounded(readFileSync(join(folder, file), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.rejection.code);
  const imported = importConsent(parsed.value, {
    nowMs: NOW_MS,
    longestMs: 3_650 * DAY_MS,
    patient: PATIENT,
    categories: CATEGORIES,
    resolve: ({ reference }) =>
      reference.startsWith('Patient/')
        ? { type: 'person', id: PATIENT, entity: 'Patient' }
        : reference.startsWith('Organization/')
          ? { type: 'hospital', id: HOSPITAL_A }
          : { type: 'person', id: DOCTOR_A, entity: 'Practitioner' },
  });
  const codes = imported.findings.map(({ code }) => code.slice('fhir-consent.'.length));
  return { grants: imported.grants.length, refusals: imported.refusals.length, findings: [...new Set(codes)] };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planLoad } from '../../src/fhir/plan.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';

const fixtures = fixturesFolder();
const folder = join(fixtures ?? '', 'data', 'synthea-r4');

describe.skipIf(fixtures === undefined)(`Synthea's R4 files ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`, () => {
  const files = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

  it('are one hospital file, one practitioner file, and one record for each patient', () => {
    const plan = planLoad(files());
    expect(plan.skipped).toEqual([]);
    expect(plan.hospitals).toHaveLength(1);
    expect(plan.practitioners).toHaveLength(1);
    expect(plan.records).toHaveLength(files().length - 2);
    expect(plan.records.length).toBeGreaterThan(0);
  });

  it('name every patient by a medical record number of their own', () => {
    const identifiers = planLoad(files()).records.map(({ bundle }) => bundle.members[0]?.identifier);
    expect(new Set(identifiers).size).toBe(identifiers.length);
    expect(identifiers.every((identifier) => identifier?.startsWith('http://hospital.smarthealthit.org|'))).toBe(true);
  });
});

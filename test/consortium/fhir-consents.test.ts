import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fhirConsents } from '../../src/consortium/commands/fhir/consents.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';

interface Told {
  readonly consents: number;
  readonly imported: number;
  readonly refused: number;
  readonly files: readonly {
    readonly file: string;
    readonly outcome: string;
    readonly grants: number;
    readonly refusals: number;
    readonly policies: readonly string[];
    readonly reasons: readonly { readonly code: string; readonly meaning: string }[];
  }[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-consents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, value: unknown): void =>
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));

async function told(of = folder): Promise<Told> {
  const results: object[] = [];
  const output = { json: true, say: () => {}, result: (value: object) => void results.push(value) };
  expect(await fhirConsents(of, output)).toBe(0);
  return results[0] as Told;
}

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const actor = (reference: string) => ({
  role: { coding: [{ system: PARTICIPATION, code: 'IRCP' }] },
  reference: { reference },
});
const permit = {
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  patient: { reference: 'Patient/p' },
  provision: {
    type: 'permit',
    actor: [actor('Organization/a')],
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
    provision: [{ type: 'deny', actor: [actor('Practitioner/b')] }],
  },
};

describe('carechain fhir consents', () => {
  it('tells of each file what it would become, in the words of policies, or why it becomes nothing', async () => {
    write('a-permit.json', permit);
    write('b-elsewhere.json', { resourceType: 'Observation' });
    write('c-broken.json', '{"resourceType":"Consent"');
    write('d-inactive.json', { ...permit, status: 'draft' });
    write('notes.txt', 'no file of ours');
    const { consents, imported, refused, files } = await told();
    expect([consents, imported, refused]).toEqual([4, 1, 3]);
    expect(files.map(({ outcome, grants, refusals }) => [outcome, grants, refusals])).toEqual([
      ['imported', 1, 1],
      ['refused', 0, 0],
      ['refused', 0, 0],
      ['refused', 0, 0],
    ]);
    expect(files[0]?.policies[0]).toMatch(/^forbid \(principal == Practitioner::"[0-9a-f]{40}"/);
    expect(files.slice(1).map(({ reasons }) => reasons[0]?.code)).toEqual([
      'fhir-consent.malformed',
      'fhir-json.malformed',
      'fhir-consent.not-active',
    ]);
    expect(files.flatMap(({ reasons }) => reasons).every(({ meaning }) => meaning.endsWith('.'))).toBe(true);
  });

  it('needs a folder with such files', async () => {
    await expect(told()).rejects.toMatchObject({ exitCode: 64 });
    await expect(told(join(folder, 'missing'))).rejects.toMatchObject({ exitCode: 64 });
  });

  const fixtures = fixturesFolder();
  it.skipIf(fixtures === undefined)(
    `imports R4's twelve examples or refuses them with a reason each ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`,
    async () => {
      const { consents, imported, refused, files } = await told(join(fixtures ?? '', 'data', 'fhir-consent'));
      expect([consents, imported, refused]).toEqual([12, 1, 11]);
      expect(files.every(({ grants, reasons }) => grants === 0 && reasons.length > 0)).toBe(true);
    },
  );
});

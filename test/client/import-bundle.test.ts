import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { ensureCategory } from '../../src/client/ensure-category.ts';
import { type ImportedPart, importBundle } from '../../src/client/import-bundle.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { splitBundle } from '../../src/fhir/index.ts';
import { samplePatientText } from '../../src/fhir/sample.ts';
import { delegatingKeys } from '../../src/ledger/state/tables.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person } from './people.ts';

let consortium: FakeConsortium;
let patient: Person;
beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
});

const labelOf = (category: Uint8Array): string | undefined =>
  delegatingKeys.get(consortium.town.tip.view, toHex(patient.wallet.id), toHex(category))?.label;

describe('a Bundle that is imported', () => {
  it('is a record for each part, which opens as the part was, and every part is told as it is registered', async () => {
    const { session, wallet } = patient;
    const told: ImportedPart[] = [];
    const imported = unwrapped(await importBundle(session, wallet, samplePatientText(), (part) => told.push(part)));
    expect(told).toEqual(imported);
    const texts = [];
    for (const { written } of imported) {
      const opened = unwrapped(await readRecord(session, wallet, { record: written.record, purpose: 'PATRQT' }));
      texts.push(Buffer.from(opened.plaintext).toString('utf8'));
    }
    expect(texts).toEqual(unwrapped(splitBundle(samplePatientText())).map(({ text }) => text));
  });

  it('opens a category with the label that the resources ask for, and leaves one that stands alone', async () => {
    const { session, wallet } = patient;
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    const resource = { resourceType: 'Condition', meta: { security } };
    const text = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [{ resource }] });
    const [first] = unwrapped(await importBundle(session, wallet, text));
    const [again] = unwrapped(await importBundle(session, wallet, text));
    expect([first?.category, again?.category]).toEqual(['diagnoses (R)', 'diagnoses (R)']);
    expect(labelOf(wallet.categoryOf('diagnoses (R)'))).toBe('R');
  });

  it('is refused before anything is registered where it is no Bundle', async () => {
    expect(await importBundle(patient.session, patient.wallet, '{"resourceType":"Patient"}')).toMatchObject({
      ok: false,
      rejection: { code: 'fhir-bundle.not-a-bundle' },
    });
  });

  it('is not filed under a category whose label is less than it needs', async () => {
    const { session, wallet } = patient;
    unwrapped(await openCategory(session, wallet, 'diary', 'N'));
    expect(await ensureCategory(session, wallet, 'diary', 'V')).toMatchObject({
      ok: false,
      rejection: { code: 'client-record.label-too-low' },
    });
    unwrapped(await ensureCategory(session, wallet, 'diary', 'N'));
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleEntries, categoryNames, parseBounded, splitBundle } from '../../src/fhir/index.ts';
import { samplePatientText } from '../../src/fhir/sample.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';

const entriesOf = (text: string) => {
  const parsed = parseBounded(text);
  const read = parsed.ok ? bundleEntries(parsed.value) : parsed;
  if (!read.ok) throw new Error(read.rejection.code);
  return read.value;
};
const partsOf = (text: string) => {
  const split = splitBundle(text);
  if (!split.ok) throw new Error(split.rejection.code);
  return split.value;
};
const bundle = (entries: readonly string[], type = 'collection') =>
  `{"type":"${type}", "note":["entry", {"entry":[1]}], "resourceType":"Bundle","entry":[${entries.join(', ')}]}`;

/** The parts hold every entry once, in the file's own characters, and each part is a Bundle that imports. */
function expectWhole(text: string, entryTexts?: readonly string[]): void {
  const whole = entriesOf(text);
  const parts = partsOf(text);
  const found = parts.flatMap((part) => entriesOf(part.text).entries);
  expect(found).toHaveLength(whole.entries.length);
  expect(new Set(found.map((entry) => JSON.stringify(entry)))).toEqual(
    new Set(whole.entries.map((entry) => JSON.stringify(entry))),
  );
  for (const one of entryTexts ?? []) expect(parts.filter((part) => part.text.includes(one))).toHaveLength(1);
  for (const part of parts) {
    expect(entriesOf(part.text)).toMatchObject({ type: whole.type, entries: { length: part.resources } });
    expect(categoryNames).toContain(part.category);
  }
  expect(new Set(parts.map(({ category }) => category)).size).toBe(parts.length);
}

describe('a Bundle in parts', () => {
  it('by category: the sample patient', () => {
    const parts = partsOf(samplePatientText());
    expect(parts.map(({ category, label, resources }) => [category, label, resources])).toEqual([
      ['general', 'N', 3],
      ['diagnoses', 'N', 1],
      ['vital signs', 'N', 1],
      ['medication', 'N', 1],
    ]);
    expectWhole(samplePatientText());
  });

  it('keeps every character of an entry: a decimal keeps its digits, a text its escapes', () => {
    const entries = [
      '{"resource" : {"resourceType":"Observation","valueQuantity":{"value":1.50}}}',
      '{"resource":{"resourceType":"Observation","note":"\\u005b \\" ] } { é"}}',
      '{"resource":{"resourceType":"Claim","total":{"value":2e0},"item":[[],{"entry":[{}]}]}}',
    ];
    expectWhole(bundle(entries), entries);
  });

  it('keeps what is restricted apart from what is not', () => {
    const secret = (code: string) =>
      `{"resource":{"resourceType":"Condition","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"${code}"}]}}}`;
    const parts = partsOf(bundle(['{"resource":{"resourceType":"Condition"}}', secret('HIV'), secret('PSYTHPN')]));
    expect(parts.map(({ category, label }) => [category, label])).toEqual([
      ['diagnoses', 'N'],
      ['diagnoses (R)', 'R'],
      ['diagnoses (V)', 'V'],
    ]);
  });

  it('leaves a document whole', () => {
    const text = bundle(
      ['{"resource":{"resourceType":"Composition"}}', '{"resource":{"resourceType":"Condition"}}'],
      'document',
    );
    expect(partsOf(text)).toEqual([{ category: 'documents', label: 'N', text, resources: 2 }]);
  });

  it('holds every entry once, whatever they are', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const type = fc.constantFrom('Observation', 'Condition', 'Claim', 'MedicationRequest', 'ServiceRequest', 'Patient');
    const resource = fc.tuple(type, value).map(([resourceType, more]) => ({ resourceType, more }));
    fc.assert(
      fc.property(fc.array(resource, { minLength: 1, maxLength: 12 }), fc.constantFrom(0, 2), (resources, indent) => {
        const entries = resources.map((one, n) =>
          JSON.stringify({ fullUrl: `urn:x:${n}.`, resource: one }, null, indent),
        );
        const text = bundle(entries);
        fc.pre(parseBounded(text).ok);
        expectWhole(text, entries);
      }),
      { numRuns: 200 },
    );
  });
});

const fixtures = fixturesFolder();
describe.skipIf(fixtures === undefined)(`Synthea's bundles ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`, () => {
  it('come apart with every entry in one part', () => {
    const folder = join(fixtures ?? '', 'data', 'synthea-r4');
    const files = readdirSync(folder).filter((name) => !/Information/.test(name));
    expect(files).toHaveLength(10);
    for (const name of files) expectWhole(readFileSync(join(folder, name), 'utf8'));
  });
});

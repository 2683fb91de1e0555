import { describe, expect, it } from 'vitest';
import { planLoad } from '../../src/fhir/plan.ts';
import { samplePatientText } from '../../src/fhir/sample.ts';

const listOf = (resourceType: string) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType, id: '1' } }] });

const FILES = [
  { name: 'z.json', text: samplePatientText({ number: 1 }) },
  { name: 'a.json', text: samplePatientText() },
  { name: 'practitioners.json', text: listOf('Practitioner') },
  { name: 'notes.txt', text: 'hello' },
  { name: 'hospitals.json', text: listOf('Organization') },
];

const namesOf = (items: readonly { name: string }[]) => items.map(({ name }) => name);

describe('the plan for a folder of files', () => {
  it('keeps hospitals, practitioners and records apart, and says why a file is left out', () => {
    const plan = planLoad(FILES);
    expect(namesOf(plan.hospitals)).toEqual(['hospitals.json']);
    expect(namesOf(plan.practitioners)).toEqual(['practitioners.json']);
    expect(namesOf(plan.records)).toEqual(['a.json', 'z.json']);
    expect(plan.skipped).toEqual([{ name: 'notes.txt', reason: 'fhir-json.malformed' }]);
  });

  it('is the same in whatever order the files come', () => {
    expect(planLoad([...FILES].reverse())).toEqual(planLoad(FILES));
  });

  it('keeps each record as the text that came', () => {
    expect(planLoad(FILES).records[0]?.text).toBe(samplePatientText());
  });
});

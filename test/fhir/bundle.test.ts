import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recogniseBundle } from '../../src/fhir/bundle.ts';
import { FHIR_LIMITS } from '../../src/fhir/limits.ts';

const bundleOf = (...resources: object[]): string =>
  JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) });
const person = (resourceType: string, extra: object = {}) => ({ resourceType, id: 'one', ...extra });

const typed = (type: string, method?: string): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type,
    entry: [
      { resource: { resourceType: 'Patient', id: '1' }, ...(method === undefined ? {} : { request: { method } }) },
    ],
  });
const withUrls = (...urls: string[]): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: urls.map((fullUrl) => ({ fullUrl, resource: { resourceType: 'Patient', id: fullUrl } })),
  });

const recognised = (text: string) => {
  const result = recogniseBundle(text);
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
};
const codeOf = (text: string) => {
  const result = recogniseBundle(text);
  return result.ok ? 'ok' : result.rejection.code;
};

describe('a FHIR Bundle', () => {
  it('with one patient is a patient bundle, and its resources are counted', () => {
    const bundle = recognised(bundleOf(person('Observation'), person('Patient'), person('Observation')));
    expect(bundle.kind).toBe('patient');
    expect([...bundle.counts]).toEqual([
      ['Observation', 2],
      ['Patient', 1],
    ]);
  });

  it('of organisations alone lists hospitals by name', () => {
    const bundle = recognised(bundleOf(person('Organization', { name: 'A hospital' }), person('Organization')));
    expect(bundle.kind).toBe('hospitals');
    expect(bundle.members.map(({ name }) => name)).toEqual(['A hospital', null]);
  });

  it('of practitioners alone lists them without their names', () => {
    const bundle = recognised(bundleOf(person('Practitioner', { name: [{ text: 'x' }] }), person('PractitionerRole')));
    expect(bundle.kind).toBe('practitioners');
    expect(bundle.members).toEqual([{ identifier: '|one', name: null }]);
  });

  it('names its patient by the medical record number, then by any identifier, then by id', () => {
    const type = { coding: [{ code: 'MR' }] };
    const other = { system: 'urn:other', value: '7' };
    const identifierOf = (extra: object) => recognised(bundleOf(person('Patient', extra))).members[0]?.identifier;
    expect(identifierOf({ identifier: [other, { type, system: 'urn:mrn', value: '8' }] })).toBe('urn:mrn|8');
    expect(identifierOf({ identifier: [{ type }, other] })).toBe('urn:other|7');
    expect(identifierOf({})).toBe('|one');
  });

  it.each([
    ['no JSON', '{', 'fhir-json.malformed'],
    ['an empty file', '', 'fhir-json.malformed'],
    ['another resource', '{"resourceType":"Patient"}', 'fhir-bundle.not-a-bundle'],
    ['a list', '[]', 'fhir-bundle.not-a-bundle'],
    ['no type', '{"resourceType":"Bundle"}', 'fhir-bundle.type'],
    ['a page of a search', '{"resourceType":"Bundle","type":"searchset","entry":[{}]}', 'fhir-bundle.type'],
    ['no entries', '{"resourceType":"Bundle","type":"batch"}', 'fhir-bundle.empty'],
    ['a prototype', '{"resourceType":"Bundle","__proto__":{"entry":[1]}}', 'fhir-json.forbidden-name'],
    ['a prototype, escaped', '{"resourceType":"Bundle","\\u005f_proto__":{"entry":[1]}}', 'fhir-json.forbidden-name'],
    ['a name that stands twice', '{"resourceType":"Bundle","type":"batch","type":"batch"}', 'fhir-json.duplicate-name'],
    ['the same, escaped', '{"type":"batch","\\u0074ype":"batch"}', 'fhir-json.duplicate-name'],
    ['a whole number that would lose digits', '{"id":9007199254740993}', 'fhir-json.inexact-number'],
    [
      'an entry without a resource',
      '{"resourceType":"Bundle","type":"batch","entry":[{}]}',
      'fhir-bundle.malformed-entry',
    ],
    ['two entries at one address', withUrls('urn:uuid:1', 'urn:uuid:1'), 'fhir-bundle.duplicate-entry'],
    ['a document without a Composition', typed('document'), 'fhir-bundle.no-composition'],
    ['a transaction that deletes', typed('transaction', 'DELETE'), 'fhir-bundle.request'],
    ['a batch that asks for nothing', typed('batch'), 'fhir-bundle.request'],
    ['two patients', bundleOf(person('Patient'), person('Patient')), 'fhir-bundle.several-patients'],
    ['no patient', bundleOf(person('Observation'), person('Practitioner')), 'fhir-bundle.no-subject'],
    ['roles without practitioners', bundleOf(person('PractitionerRole')), 'fhir-bundle.no-subject'],
    ['a patient without any id', bundleOf({ resourceType: 'Patient' }), 'fhir-bundle.no-identifier'],
  ])('is refused for %s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each(['transaction', 'batch'])('of type %s stores its resources, by POST or PUT', (type) => {
    expect(recognised(typed(type, 'POST')).type).toBe(type);
    expect(recognised(typed(type, 'PUT')).type).toBe(type);
  });

  it('of type document begins with its Composition', () => {
    const entry = [{ resource: { resourceType: 'Composition' } }, { resource: { resourceType: 'Patient', id: '1' } }];
    expect(recognised(JSON.stringify({ resourceType: 'Bundle', type: 'document', entry })).type).toBe('document');
  });

  it('counts the references that lead out of it, and follows none', () => {
    const bundle = recognised(
      bundleOf(
        person('Patient', {
          managingOrganization: { reference: 'urn:uuid:9' },
          link: [{ other: { reference: 'Patient/2' } }],
        }),
      ),
    );
    expect(bundle.unresolved).toBe(1);
  });

  it('takes numbers with digits behind the point, and names that stand in different objects', () => {
    const text = '{"resourceType":"Bundle","type":"batch","a":[{"b":1.10},{"b":-2e3}],"c":{"b":"\\"b\\":"}}';
    expect(codeOf(text)).toBe('fhir-bundle.empty');
  });

  it('is refused below the parser where it nests too deep (depthMax), also 100,000 levels', () => {
    const nested = (levels: number) =>
      `{"resourceType":"Bundle","type":"batch","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(codeOf(nested(FHIR_LIMITS.depthMax - 1))).toBe('fhir-bundle.empty');
    expect(codeOf(nested(FHIR_LIMITS.depthMax))).toBe('fhir-json.too-deep');
    expect(codeOf(nested(100_000))).toBe('fhir-json.too-deep');
  });

  it('does not count brackets inside text, escaped quotes included', () => {
    const text = JSON.stringify({ resourceType: 'Bundle', type: 'batch', x: `"\\${'['.repeat(99)}` });
    expect(codeOf(text)).toBe('fhir-bundle.empty');
  });

  it('is refused where it is too large (textMax) or has too many entries (entriesMax)', () => {
    expect(codeOf(' '.repeat(FHIR_LIMITS.textMax + 1))).toBe('fhir-json.too-large');
    const entries = '{},'.repeat(FHIR_LIMITS.entriesMax);
    expect(codeOf(`{"resourceType":"Bundle","type":"batch","entry":[${entries}{}]}`)).toBe(
      'fhir-bundle.too-many-entries',
    );
  });

  it('never throws, whatever the file holds', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof recogniseBundle(text).ok === 'boolean'));
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (entry) => {
        expect(typeof recogniseBundle(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry })).ok).toBe(
          'boolean',
        );
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeResource,
  externalReferenceOf,
  isPatientAuthored,
  readExternalReference,
} from '../../src/fhir/index.ts';
import { PATIENT } from './consent/cast.ts';
import { expectValid } from './judge.ts';

const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const tag = (system: string, code: string) => ({ system: `http://terminology.hl7.org/CodeSystem/${system}`, code });

describe('the hint for a resource', () => {
  it('of an order names its performers (F40)', () => {
    const order = {
      resourceType: 'ServiceRequest',
      category: [snomed('108252007')],
      performer: [{ reference: 'Organization/laboratory' }, { identifier: { system: 'urn:x', value: '7' } }],
      requester: { reference: 'Practitioner/a' },
    };
    expect(describeResource(order)).toEqual({
      kind: 'order',
      label: 'N',
      sensitivities: [],
      category: 'laboratory',
      recipients: [
        { reference: 'Organization/laboratory', identifier: '', role: 'performer' },
        { reference: '', identifier: 'urn:x|7', role: 'performer' },
      ],
      purposes: ['TREAT'],
      isPatientAuthored: false,
    });
    expect(describeResource({ ...order, category: [snomed('363679005')] }).category).toBe('imaging');
    expect(describeResource({ ...order, category: [snomed('1')] }).category).toBe('orders');
  });

  it('of a prescription names its pharmacy', () => {
    const prescription = {
      resourceType: 'MedicationRequest',
      dispenseRequest: { performer: { reference: 'Organization/pharmacy' } },
      performer: { reference: 'Practitioner/nurse' },
    };
    const { kind, recipients } = describeResource(prescription);
    expect([kind, recipients.map(({ role, reference }) => `${role} ${reference}`)]).toEqual([
      'prescription',
      ['pharmacy Organization/pharmacy', 'performer Practitioner/nurse'],
    ]);
  });

  it.each(['Claim', 'ExplanationOfBenefit'])('of a %s names its insurer, for payment alone (F49)', (resourceType) => {
    const hint = describeResource({
      resourceType,
      insurer: { reference: 'Organization/insurer' },
      provider: { reference: 'Organization/clinic' },
      payee: { party: { reference: 'Patient/p' } },
    });
    expect(hint.purposes).toEqual(['HPAYMT']);
    expect(hint.category).toBe('billing');
    expect(hint.recipients.map(({ role }) => role)).toEqual(['insurer', 'provider', 'payee']);
  });

  it('takes the strictest of what the resource says of its security, and keeps the codes for the encrypted part', () => {
    const hint = (...security: object[]) => {
      const { label, sensitivities } = describeResource({ resourceType: 'Condition', meta: { security } });
      return [label, ...sensitivities];
    };
    expect(hint()).toEqual(['N']);
    expect(hint(tag('v3-Confidentiality', 'R'))).toEqual(['R']);
    expect(hint(tag('v3-Confidentiality', 'N'), tag('v3-ActCode', 'PSY'))).toEqual(['R', 'PSY']);
    expect(hint(tag('v3-Confidentiality', 'V'), tag('v3-ActCode', 'PSY'))).toEqual(['V', 'PSY']);
    expect(hint(tag('v3-ActCode', 'SDV'))).toEqual(['V', 'SDV']);
  });

  it('tells a document from a pointer to one elsewhere (F60)', () => {
    const kind = (attachment: object) =>
      describeResource({ resourceType: 'DocumentReference', content: [{ attachment }] }).kind;
    expect(kind({ data: 'AA==' })).toBe('document');
    expect(kind({ url: 'https://clinic.example/1' })).toBe('external-reference');
  });

  it('never throws, and is other for what it does not know', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof describeResource(value).kind === 'string'));
    for (const value of [null, 7, [], {}, { resourceType: 'constructor' }])
      expect(describeResource(value).kind).toBe('other');
  });
});

describe("a patient's own entry (F41)", () => {
  it.each([
    [{ performer: [{ reference: 'Patient/p' }] }, true],
    [{ performer: [{ reference: 'Patient/p' }, { reference: 'RelatedPerson/f' }] }, true],
    [{ performer: [{ reference: 'Patient/p' }, { reference: 'Practitioner/a' }] }, false],
    [{ performer: [{ reference: 'urn:uuid:1' }] }, false],
    [{ performer: [{ reference: 'urn:uuid:1', type: 'Patient' }] }, true],
    [{ asserter: { reference: 'Patient/p' }, recorder: { reference: 'Practitioner/a' } }, false],
    [{ source: { reference: 'Patient/p' } }, true],
    [{ subject: { reference: 'Patient/p' } }, false],
    [{ meta: { security: [tag('v3-ObservationValue', 'PATAST')] } }, true],
    [{}, false],
  ])('%j is one: %s', (resource, expected) => {
    expect(isPatientAuthored({ resourceType: 'Observation', ...resource })).toBe(expected);
  });
});

describe('an external reference (F60)', () => {
  const pointer = {
    url: 'https://clinic.example/records/7?v=2',
    contentType: 'application/dicom',
    sha256: Buffer.from(new Uint8Array(32).fill(3)).toString('base64url'),
    title: 'A scan',
  };

  it('is a valid DocumentReference, and comes back as it was', () => {
    const made = externalReferenceOf(pointer, PATIENT);
    if (!made.ok) throw new Error(made.rejection.code);
    expectValid(made.value);
    expect(readExternalReference(JSON.parse(JSON.stringify(made.value)))).toEqual({ ok: true, value: pointer });
  });

  it.each([
    'http://clinic.example/1',
    'https://user:secret@clinic.example/1',
    'https://clinic.example/1#part',
    'https://clinic.example/a b',
    'javascript:alert(1)',
    'https://clinic.example\\@other.example/1',
    `https://clinic.example/${'x'.repeat(2_048)}`,
    '',
  ])('does not lead to %s (externalUrlMax)', (url) => {
    expect(externalReferenceOf({ ...pointer, url }, PATIENT)).toMatchObject({
      rejection: { code: 'fhir-external.url' },
    });
  });

  it('is refused without the digest of what it leads to', () => {
    for (const sha256 of ['', 'AA', `${pointer.sha256}A`])
      expect(externalReferenceOf({ ...pointer, sha256 }, PATIENT)).toMatchObject({
        rejection: { code: 'fhir-external.digest' },
      });
    const bare = { resourceType: 'DocumentReference', content: [{ attachment: { url: pointer.url } }] };
    expect(readExternalReference(bare)).toMatchObject({ rejection: { code: 'fhir-external.digest' } });
    expect(readExternalReference(null)).toMatchObject({ rejection: { code: 'fhir-external.url' } });
  });
});

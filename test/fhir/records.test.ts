import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/crypto/base64.ts';
import { documentReferenceOf, provenanceOf, type RecordSource } from '../../src/fhir/index.ts';
import { DOCTOR_A, HOSPITAL_A, HOSPITAL_B, PATIENT } from './consent/cast.ts';
import { expectValid } from './judge.ts';

const RECORD = 'e1'.repeat(32);
const source = (change: Partial<RecordSource> = {}): RecordSource => ({
  record: RECORD,
  version: 1,
  owner: PATIENT,
  author: { kind: 'practitioner', id: DOCTOR_A },
  status: 'live',
  cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
  ciphertextBytes: 4_096,
  recordedMs: Date.parse('2026-03-04T05:06:07Z'),
  ...change,
});

describe("a record's index entry as a DocumentReference", () => {
  it('is valid R4, whatever the record', () => {
    const sources = fc.record({
      version: fc.integer({ min: 1, max: 10_000 }),
      status: fc.constantFrom('live' as const, 'shredded' as const),
      ciphertextBytes: fc.integer({ min: 0, max: 2 ** 40 }),
      author: fc.constantFrom<RecordSource['author']>(
        { kind: 'patient', id: PATIENT },
        { kind: 'practitioner', id: DOCTOR_A },
      ),
    });
    const audience = fc.constantFrom({}, { category: '0f'.repeat(16), label: 'V' as const });
    fc.assert(
      fc.property(sources, audience, (one, known) => expectValid(documentReferenceOf(source({ ...one, ...known })))),
      {
        numRuns: 100,
      },
    );
  });

  it('names owner, author, content id and the version before, and says of itself only that it is ciphertext', () => {
    const made = documentReferenceOf(source({ version: 3 }));
    expect(made.subject?.reference).toBe(`Patient/${PATIENT}`);
    expect(made.author?.[0]?.reference).toBe(`Practitioner/${DOCTOR_A}`);
    expect(made.content[0]?.attachment).toMatchObject({ contentType: 'application/octet-stream', size: 4_096 });
    expect(made.content[0]?.attachment.url).toContain('ipfs://bafkrei');
    expect(made.relatesTo?.[0]?.target.reference).toBe(`DocumentReference/${RECORD}/_history/2`);
    expect(made.type).toBeUndefined();
  });

  it('shows category and label only where they are given', () => {
    const hidden = JSON.stringify(documentReferenceOf(source()));
    expect(hidden).not.toMatch(/urn:carechain:category|v3-Confidentiality/);
    const shown = documentReferenceOf(source({ category: '0f'.repeat(16), label: 'R' }));
    expect(shown.securityLabel?.[0]?.coding?.[0]?.code).toBe('R');
    expect(shown.category?.[0]?.coding?.[0]?.code).toBe('0f'.repeat(16));
  });

  it("marks a patient's own entries as such (F41)", () => {
    const tag = (author: RecordSource['author']) => documentReferenceOf(source({ author })).meta?.security?.[0]?.code;
    expect(tag({ kind: 'patient', id: PATIENT })).toBe('PATAST');
    expect(tag({ kind: 'practitioner', id: DOCTOR_A })).toBe('CLINAST');
  });

  it('of a shredded record is a tombstone: nothing leads to the content', () => {
    const text = JSON.stringify(documentReferenceOf(source({ status: 'shredded' })));
    expect(text).not.toContain('ipfs');
    expect(text).not.toContain('bafkrei');
  });

  it('leaves out a length that FHIR cannot hold', () => {
    expect(documentReferenceOf(source({ ciphertextBytes: 2 ** 31 - 1 })).content[0]?.attachment.size).toBe(2 ** 31 - 1);
    expect(documentReferenceOf(source({ ciphertextBytes: 2 ** 31 })).content[0]?.attachment.size).toBeUndefined();
  });
});

describe('a version as a Provenance', () => {
  const signature = new Uint8Array(65).fill(7);
  const version = (number: number) =>
    provenanceOf({
      ...source({ version: number }),
      transaction: 'f0'.repeat(32),
      signature,
      storedBy: [HOSPITAL_A, HOSPITAL_B],
    });

  it('is valid R4, with and without a signature', () => {
    expectValid(version(1));
    expectValid(version(2));
    expectValid(provenanceOf({ ...source(), transaction: 'f0'.repeat(32), storedBy: [] }));
  });

  it('says who wrote it, who keeps it, when, and by which signed transaction', () => {
    const first = version(1);
    expect(first.target[0]?.reference).toBe(`DocumentReference/${RECORD}/_history/1`);
    expect(first.agent.map(({ type, who }) => [type?.coding?.[0]?.code, who.reference])).toEqual([
      ['author', `Practitioner/${DOCTOR_A}`],
      ['custodian', `Organization/${HOSPITAL_A}`],
      ['custodian', `Organization/${HOSPITAL_B}`],
    ]);
    expect(first.recorded).toBe('2026-03-04T05:06:07.000Z');
    expect(first.entity?.[0]?.what.identifier?.value).toBe('f0'.repeat(32));
    expect(first.signature?.[0]?.data).toBe(toBase64(signature));
    expect(first.activity?.coding?.[0]?.code).toBe('CREATE');
  });

  it('of a later version names the one that it revises', () => {
    expect(version(1).entity?.some(({ role }) => role === 'revision')).toBe(false);
    const revised = version(2).entity?.find(({ role }) => role === 'revision');
    expect(revised?.what.reference).toBe(`DocumentReference/${RECORD}/_history/1`);
    expect(version(2).activity?.coding?.[0]?.code).toBe('UPDATE');
  });
});

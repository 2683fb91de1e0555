import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { disclosureBundle, disclosuresOf, profileFaults, repeatedDisclosures } from '../../../src/fhir/index.ts';
import { DOCTOR_A, DOCTOR_B, HOSPITAL_A, PATIENT } from '../consent/cast.ts';
import { expectValid } from '../judge.ts';
import { bytes, line, RECORD, setting, WHEN_MS } from './lines.ts';

const { whoIs } = setting('owner');
const patient = bytes(PATIENT);
const at = (iso: string, change: object = {}) => line({ timestampMs: Date.parse(iso), ...change });
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const datesOf = (lines: ReturnType<typeof line>[]) =>
  disclosuresOf(lines, patient, NOW_MS, whoIs).map(({ date }) => date.slice(0, 10));

describe('the accounting of disclosures (45 CFR 164.528)', () => {
  it('has date, recipient, what and why of every read, and the transaction that shows it', () => {
    expect(disclosuresOf([line()], patient, NOW_MS, whoIs)).toEqual([
      {
        date: '2026-03-04T05:06:07.089Z',
        recipient: { id: DOCTOR_A, hospital: HOSPITAL_A },
        record: RECORD,
        purpose: 'TREAT',
        transaction: toHex(line().transactionId),
        exemption: 'treatment-payment-operations',
      },
    ]);
  });

  it('covers six years before the request, to the instant, and nothing after it', () => {
    const lines = [
      '2020-05-31T23:59:59.999Z',
      '2020-06-01T00:00:00Z',
      '2026-06-01T00:00:00Z',
      '2026-06-01T00:00:00.001Z',
    ];
    expect(datesOf(lines.map((iso) => at(iso)))).toEqual(['2020-06-01', '2026-06-01']);
  });

  it('leaves out what was denied or failed, other deeds, and other patients', () => {
    const others = [
      line({ outcome: 'denied' }),
      line({ outcome: 'failed' }),
      line({ kind: 'amendRecord' }),
      line({ owner: bytes('55'.repeat(20)) }),
      line({ owner: null }),
    ];
    expect(datesOf(others)).toEqual([]);
  });

  it('is in the order of the chain', () => {
    const lines = [
      line({ height: 9 }),
      line({ height: 8, index: 3 }),
      line({ height: 8, index: 1, sender: bytes(DOCTOR_B) }),
    ];
    expect(disclosuresOf(lines, patient, NOW_MS, whoIs).map(({ recipient }) => recipient.id)).toEqual([
      DOCTOR_B,
      DOCTOR_A,
      DOCTOR_A,
    ]);
  });

  it.each([
    ['BTG', 'treatment-payment-operations'],
    ['HPAYMT', 'treatment-payment-operations'],
    ['HRESCH', null],
    ['FAMRQT', null],
  ])('says of %s why the rule would let it be left out: %s', (purpose, exemption) => {
    expect(disclosuresOf([line({ purpose })], patient, NOW_MS, whoIs)[0]?.exemption).toBe(exemption);
    const own = line({ purpose, sender: patient, path: 'self' });
    expect(disclosuresOf([own], patient, NOW_MS, whoIs)[0]?.exemption).toBe('to-the-individual');
  });

  it('tells repeated ones by the first, the last and how many', () => {
    const lines = [
      at('2026-01-01T00:00:00Z'),
      at('2026-02-01T00:00:00Z', { height: 8 }),
      line({ height: 9, purpose: 'HRESCH' }),
    ];
    const told = repeatedDisclosures(disclosuresOf(lines, patient, NOW_MS, whoIs));
    expect(
      told.map(({ purpose, count, first, last }) => [purpose, count, first.slice(0, 10), last.slice(0, 10)]),
    ).toEqual([
      ['TREAT', 2, '2026-01-01', '2026-02-01'],
      ['HRESCH', 1, '2026-03-04', '2026-03-04'],
    ]);
  });

  it("is a valid Bundle of BALP's disclosures, without the patient's own reads", () => {
    const lines = [
      line(),
      line({ sender: patient, path: 'self', height: 8 }),
      line({ sender: bytes(DOCTOR_B), height: 9 }),
    ];
    const bundle = disclosureBundle(lines, patient, WHEN_MS + 1, setting('owner'));
    expectValid(bundle);
    expect(bundle.entry).toHaveLength(2);
    for (const { resource } of bundle.entry ?? []) {
      if (resource?.resourceType !== 'AuditEvent') throw new Error('no AuditEvent');
      expectValid(resource);
      expect(profileFaults(resource)).toEqual([]);
      const source = resource.agent.find(({ type }) => type?.coding?.[0]?.code === '110153');
      expect(source?.who).toEqual(resource.source.observer);
      expect(resource.agent.map(({ type }) => type?.coding?.[0]?.code)).toEqual(['110153', '110152', '429577009']);
      expect(resource.entity).toHaveLength(2);
    }
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { equal, toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import {
  type AddressBook,
  channelLabel,
  findChannels,
  openChannel,
  resolveRecipients,
} from '../../src/client/channel.ts';
import {
  checkExternalContent,
  openExternalReference,
  writeExternalReference,
} from '../../src/client/external-reference.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { recordHistory } from '../../src/client/history.ts';
import { provenRows } from '../../src/client/proven.ts';
import { amendResource, openResource, writeResource } from '../../src/client/resource.ts';
import { openWallet } from '../../src/client/wallet.ts';
import { toBase64 } from '../../src/crypto/base64.ts';
import { describeResource, isPatientAuthored, type JsonMap } from '../../src/fhir/index.ts';
import { delegatingKeys } from '../../src/ledger/state/tables.ts';
import { HOUR_MS, primitives } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person } from './people.ts';

let consortium: FakeConsortium;
let patient: Person;
let doctor: Person;
let laboratory: Person;
let pharmacy: Person;
let insurer: Person;

beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  laboratory = await member(consortium, 'laboratory', 'practitioner', { hospital: 2 });
  pharmacy = await member(consortium, 'pharmacy', 'practitioner', { hospital: 3 });
  insurer = await member(consortium, 'insurer', 'payer', { hospital: 4 });
});

const expires = () => consortium.town.tip.header.timestampMs + HOUR_MS;
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;
const open = (reader: Person, record: Uint8Array, purpose: 'TREAT' | 'HPAYMT' | 'PATRQT' = 'TREAT') =>
  openResource(reader.session, reader.wallet, { record, purpose });

const ORDER = (performer: Address) => ({
  resourceType: 'ServiceRequest',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '108252007' }] }],
  performer: [{ identifier: { system: 'urn:carechain:address', value: toHex(performer) } }],
});
const PRESCRIPTION = {
  resourceType: 'MedicationRequest',
  dispenseRequest: { performer: { reference: 'Organization/pharmacy' } },
};
const CLAIM = { resourceType: 'Claim', insurer: { identifier: { system: 'urn:example:insurers', value: '17' } } };

/** What the patient's device does with what the doctor wants to write: the recipients that it names, and nobody else. */
async function channelFor(resource: JsonMap, book: AddressBook = new Map()) {
  const hint = describeResource(resource);
  const { recipients, unknown } = resolveRecipients(hint, book);
  expect(unknown).toEqual([]);
  const wish = { hint, recipients, author: doctor.wallet.id, expires: expires() };
  return unwrapped(await openChannel(patient.session, patient.wallet, wish));
}
const writes = (author: Person, category: Uint8Array, resource: JsonMap) =>
  writeResource(author.session, author.wallet, { owner: patient.wallet.id, category, resource });

describe('records with recipients of their own (F40, F49)', () => {
  it('open for the recipient that the resource names: an order for its laboratory, a prescription for its pharmacy', async () => {
    const orders = await channelFor(ORDER(laboratory.wallet.id));
    const drugs = await channelFor(PRESCRIPTION, new Map([['Organization/pharmacy', pharmacy.wallet.id]]));
    const order = unwrapped(await writes(doctor, orders.category, ORDER(laboratory.wallet.id))).record;
    const prescription = unwrapped(await writes(doctor, drugs.category, PRESCRIPTION)).record;

    expect(unwrapped(await open(laboratory, order)).hint).toMatchObject({ kind: 'order', category: 'laboratory' });
    expect(unwrapped(await open(pharmacy, prescription)).resource).toEqual(PRESCRIPTION);
    for (const [who, record] of [
      [pharmacy, order],
      [laboratory, prescription],
      // The author keeps no key.
      [doctor, order],
      [insurer, order],
    ] as const)
      expect(codeOf(await open(who, record))).toBe('policy.denied');
    expect(unwrapped(await open(patient, order, 'PATRQT')).path).toBe('self');
  });

  it('send a claim to its insurer, who opens it for payment and for nothing else', async () => {
    const bills = await channelFor(CLAIM, new Map([['urn:example:insurers|17', insurer.wallet.id]]));
    const { record } = unwrapped(await writes(doctor, bills.category, CLAIM));
    expect(codeOf(await open(insurer, record, 'TREAT'))).toBe('policy.denied');
    expect(unwrapped(await open(insurer, record, 'HPAYMT'))).toMatchObject({ resource: CLAIM, path: 'grant' });
    const other = await member(consortium, 'other insurer', 'payer');
    expect(codeOf(await open(other, record, 'HPAYMT'))).toBe('policy.denied');
    // A grant for treatment makes no doctor of an insurer.
    const grantee = { type: 'person' as const, id: toHex(insurer.wallet.id) };
    const terms = { purposes: ['TREAT' as const], access: 'read' as const, expires: expires(), uses: null };
    unwrapped(await grantAccess(patient.session, patient.wallet, { grantee, labels: [bills.label], ...terms }));
    for (const purpose of ['TREAT', 'HPAYMT'] as const)
      expect(codeOf(await open(insurer, record, purpose))).toBe('policy.denied');
  });

  it('are one channel for the same recipients in any order, and another for one more', () => {
    const [a, b] = [doctor.wallet.id, pharmacy.wallet.id];
    expect(channelLabel('orders', [a, b, a])).toBe(channelLabel('orders', [b, a]));
    expect(channelLabel('orders', [a])).not.toBe(channelLabel('orders', [a, b]));
  });

  it('keep what is more than normal apart, also for the same recipient', async () => {
    const normal = await channelFor(ORDER(laboratory.wallet.id));
    const meta = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };
    const restricted = await channelFor({ ...ORDER(laboratory.wallet.id), meta });
    expect(restricted.label).not.toBe(normal.label);
    const [key] = unwrapped(
      await provenRows(patient.session, delegatingKeys, [[toHex(patient.wallet.id), toHex(restricted.category)]]),
    );
    expect(key?.label).toBe('R');
  });

  it('are found again by a new device of the patient, which has the roots and no labels', async () => {
    const orders = await channelFor(ORDER(laboratory.wallet.id));
    const drugs = await channelFor(PRESCRIPTION, new Map([['Organization/pharmacy', pharmacy.wallet.id]]));
    const file = patient.wallet.seal(patient.session.device, 'password', { N: 16_384, r: 8, p: 1 });
    const anew = unwrapped(openWallet(primitives, 'password', file));
    expect(anew.labelOf(orders.category)).toBeUndefined();
    const found = await findChannels(patient.session, anew, ['medication', 'laboratory', 'billing']);
    expect(found.map(({ label }) => label).sort()).toEqual([orders.label, drugs.label].sort());
    expect([orders, drugs].map(({ category }) => anew.labelOf(category))).toEqual([orders.label, drugs.label]);
  });

  it('name whom the device does not know, so that a person is asked', () => {
    const { recipients, unknown } = resolveRecipients(describeResource(PRESCRIPTION), new Map());
    expect(recipients).toEqual([]);
    expect(unknown).toMatchObject([{ reference: 'Organization/pharmacy', role: 'pharmacy' }]);
  });
});

describe('what the patient enters (F41)', () => {
  const NOTE = { resourceType: 'Observation', status: 'final', valueString: 'slept badly' };

  it('says so in the resource, on the chain, in its DocumentReference and its Provenance; what a doctor enters does not', async () => {
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const own = unwrapped(await writes(patient, category, NOTE)).record;
    const opened = unwrapped(await open(patient, own, 'PATRQT'));
    expect([opened.isPatientAuthored, isPatientAuthored(opened.resource)]).toEqual([true, true]);
    const [version] = unwrapped(await recordHistory(patient.session, own));
    expect(JSON.stringify(version?.documentReference?.meta?.security)).toContain('PATAST');
    expect(version?.provenance?.agent[0]?.who?.reference).toBe(`Patient/${toHex(patient.wallet.id)}`);

    const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
    const terms = { purposes: ['TREAT' as const], access: 'write' as const, expires: expires(), uses: null };
    unwrapped(await grantAccess(patient.session, patient.wallet, { grantee, labels: ['general'], ...terms }));
    const entered = unwrapped(await writes(doctor, category, NOTE)).record;
    const read = unwrapped(await open(patient, entered, 'PATRQT'));
    expect([read.isPatientAuthored, isPatientAuthored(read.resource), read.resource]).toEqual([false, false, NOTE]);
    const [theirs] = unwrapped(await recordHistory(patient.session, entered));
    expect(JSON.stringify(theirs?.documentReference?.meta?.security)).toContain('CLINAST');
  });
});

describe('the versions of a record (F38, F39)', () => {
  it('are a chain: each with its author, its time, and the transaction that brought it', async () => {
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
    const terms = { purposes: ['TREAT' as const], access: 'read-write' as const, expires: expires(), uses: null };
    unwrapped(await grantAccess(patient.session, patient.wallet, { grantee, labels: ['general'], ...terms }));
    const first = unwrapped(await writes(patient, category, { resourceType: 'Condition', note: [{ text: 'one' }] }));
    const change = { owner: patient.wallet.id, category, record: first.record };
    const second = unwrapped(
      await amendResource(doctor.session, doctor.wallet, {
        ...change,
        version: 2,
        resource: { resourceType: 'Condition' },
      }),
    );
    const versions = unwrapped(await recordHistory(patient.session, first.record));
    expect(versions.map(({ row }) => [row.version, toHex(row.author)])).toEqual([
      [1, toHex(patient.wallet.id)],
      [2, toHex(doctor.wallet.id)],
    ]);
    expect(versions.map(({ transaction }) => transaction)).toEqual([first.sent.id, second.sent.id]);
    const [created, revised] = versions.map(({ provenance }) => provenance);
    expect([created?.activity?.coding?.[0]?.code, revised?.activity?.coding?.[0]?.code]).toEqual(['CREATE', 'UPDATE']);
    expect(revised?.entity?.[1]).toMatchObject({
      role: 'revision',
      what: { reference: `DocumentReference/${toHex(first.record)}/_history/1` },
    });
    // The doctor knows of the own version who brought it, and of the patient's only what the chain says.
    const seen = unwrapped(await recordHistory(doctor.session, first.record));
    expect(seen.map(({ transaction }) => transaction)).toEqual([null, second.sent.id]);
  });
});

describe('a pointer to a provider’s database (F60)', () => {
  const content = utf8('what the provider keeps');
  const sha256 = toBase64(primitives.hash(content)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  const reference = {
    url: 'https://archive.example/study/7',
    contentType: 'application/dicom',
    sha256,
    title: 'study',
  };

  it('is sealed like a record, fetched by nobody, and checked when a person brings what it leads to', async () => {
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const given = { owner: patient.wallet.id, category, reference };
    const { record } = unwrapped(await writeExternalReference(patient.session, patient.wallet, given));
    const wish = { record, purpose: 'PATRQT' as const };
    const opened = unwrapped(await openExternalReference(patient.session, patient.wallet, wish));
    expect([opened.reference, opened.hint.kind]).toEqual([reference, 'external-reference']);
    for (const blob of consortium.blobs.values()) expect(Buffer.from(blob).includes('archive.example')).toBe(false);

    const { device } = patient.session;
    const pieces = [content.subarray(0, 5), content.subarray(5)];
    expect(unwrapped(await checkExternalContent(device, opened.reference, pieces))).toEqual({ bytes: content.length });
    for (const other of [content.with(0, 0), content.subarray(1), new Uint8Array()])
      expect(codeOf(await checkExternalContent(device, opened.reference, [other]))).toBe(
        'client-external.other-content',
      );
    expect(equal(opened.author, patient.wallet.id)).toBe(true);
  });

  it('is refused without a digest, and is nothing where a record is something else', async () => {
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const given = { owner: patient.wallet.id, category, reference: { ...reference, sha256: '' } };
    expect(codeOf(await writeExternalReference(patient.session, patient.wallet, given))).toBe('fhir-external.digest');
    const { record } = unwrapped(await writes(patient, category, { resourceType: 'Observation' }));
    const wish = { record, purpose: 'PATRQT' as const };
    expect(codeOf(await openExternalReference(patient.session, patient.wallet, wish))).toBe('fhir-external.url');
  });
});

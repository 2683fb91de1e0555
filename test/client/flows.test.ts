import { beforeEach, describe, expect, it } from 'vitest';
import { equal, toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { grantAccess, previewGrant } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { requestAccess } from '../../src/client/request-access.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import { refusedAtDoor } from '../../src/client/session.ts';
import { amendRecord, writeRecord } from '../../src/client/write-record.ts';
import { grants } from '../../src/ledger/state/tables.ts';
import { HOUR_MS, hospitalName, idOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person, stranger } from './people.ts';

const BUNDLE = utf8('{"resourceType":"Bundle","note":"what nobody else may read"}');

let consortium: FakeConsortium;
let patient: Person;
let doctorA: Person;
let doctorB: Person;
let category: Uint8Array;

beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
  doctorA = await member(consortium, 'doctor A', 'practitioner');
  doctorB = await member(consortium, 'doctor B', 'practitioner', { hospital: 2 });
  ({ category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general')));
});

const granteeOf = ({ wallet }: Person) => ({ type: 'person' as const, id: toHex(wallet.id) });
const grantTo = (to: Person, access: 'read' | 'write', uses: number | null = null) =>
  grantAccess(patient.session, patient.wallet, {
    grantee: granteeOf(to),
    labels: ['general'],
    purposes: ['TREAT'],
    access,
    expires: consortium.town.tip.header.timestampMs + HOUR_MS,
    uses,
  });
const write = (author: Person, plaintext = BUNDLE) =>
  writeRecord(author.session, author.wallet, { owner: patient.wallet.id, category, plaintext });
const read = (reader: Person, record: Uint8Array) =>
  readRecord(reader.session, reader.wallet, { record, purpose: 'TREAT' });
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;

describe('one record, from upload to revocation', () => {
  it('is written under a write grant, read under a read grant to the same bytes, and denied after revocation', async () => {
    expect(codeOf(await write(doctorA))).toBe('policy.denied');
    unwrapped(await grantTo(doctorA, 'write'));
    const { record } = unwrapped(await write(doctorA));

    expect(codeOf(await read(doctorB, record))).toBe('policy.denied');
    const granted = unwrapped(await grantTo(doctorB, 'read'));
    expect(granted.holders).toHaveLength(4);
    const opened = unwrapped(await read(doctorB, record));
    expect(opened.plaintext).toEqual(BUNDLE);
    expect(opened).toMatchObject({ path: 'grant', author: doctorA.wallet.id, owner: patient.wallet.id, version: 1 });

    const wish = { grantee: granteeOf(doctorB), label: 'general', endEpoch: true };
    const revoked = unwrapped(await revokeAccess(patient.session, patient.wallet, wish));
    expect(revoked.epoch).toBe(1);
    expect(revoked.remaining.map(({ grantee }) => grantee.id)).toEqual([toHex(doctorA.wallet.id)]);
    expect(codeOf(await read(doctorB, record))).toBe('policy.denied');
  });

  it('opens for its owner without any grant', async () => {
    const { record } = unwrapped(await write(patient));
    const opened = unwrapped(await read(patient, record));
    expect(opened.plaintext).toEqual(BUNDLE);
    expect(opened.path).toBe('self');
  });

  it('opens for nobody but its author nor for its author, once written: the data key is gone', async () => {
    unwrapped(await grantTo(doctorA, 'write'));
    const { record } = unwrapped(await write(doctorA));
    expect(codeOf(await read(doctorA, record))).toBe('policy.denied');
  });

  it('survives an amendment: the new version opens, the version number rises', async () => {
    const first = unwrapped(await write(patient));
    const amendment = {
      record: first.record,
      version: 2,
      owner: patient.wallet.id,
      category,
      plaintext: utf8('second'),
    };
    unwrapped(await amendRecord(patient.session, patient.wallet, amendment));
    const opened = unwrapped(await read(patient, first.record));
    expect(opened.plaintext).toEqual(utf8('second'));
    expect(opened.version).toBe(2);
  });

  it('is a record of two chunks and two leaves as well as of none', async () => {
    for (const plaintext of [new Uint8Array(0), new Uint8Array(300_000).fill(7)]) {
      const { record } = unwrapped(await write(patient, plaintext));
      expect(equal(unwrapped(await read(patient, record)).plaintext, plaintext)).toBe(true);
    }
  });
});

describe('a grant', () => {
  it('counts its uses', async () => {
    const { record } = unwrapped(await write(patient));
    unwrapped(await grantTo(doctorB, 'read', 1));
    unwrapped(await read(doctorB, record));
    expect(codeOf(await read(doctorB, record))).toBe('policy.denied');
  });

  it('leaves out a hospital that is down, as long as the threshold has taken fragments', async () => {
    const { record } = unwrapped(await write(patient));
    consortium.down.add(toHex(idOf(hospitalName(4))));
    expect(unwrapped(await grantTo(doctorB, 'read')).holders).toHaveLength(3);
    expect(unwrapped(await read(doctorB, record)).plaintext).toEqual(BUNDLE);
    consortium.down.add(toHex(idOf(hospitalName(3))));
    expect(codeOf(await read(doctorB, record))).toBe('crypto-share.too-few');
    expect(codeOf(await grantTo(doctorB, 'read'))).toBe('client-grant.too-few-receipts');
  });

  it('shows the grant that it would replace, and replaces it', async () => {
    unwrapped(await write(patient));
    const wish = { grantee: granteeOf(doctorB), labels: ['general'] };
    expect((await previewGrant(patient.session, patient.wallet, wish)).replaced).toEqual([]);
    unwrapped(await grantTo(doctorB, 'read', 3));
    const preview = await previewGrant(patient.session, patient.wallet, wish);
    expect(preview.replaced.map(({ row }) => row.usesLeft)).toEqual([3]);
    unwrapped(await grantTo(doctorB, 'read', 5));
    expect((await previewGrant(patient.session, patient.wallet, wish)).standing.map(({ row }) => row.usesLeft)).toEqual(
      [5],
    );
  });

  it('opens nothing where there is nothing to open, and nobody whom no hospital knows', async () => {
    expect(codeOf(await grantTo(doctorB, 'read'))).toBe('client-grant.no-record');
    unwrapped(await write(patient));
    expect(codeOf(await grantTo(stranger(consortium, 'nobody'), 'read'))).toBe('client-grant.grantee-unknown');
    const toHospital = { type: 'hospital' as const, id: toHex(idOf(hospitalName(2))) };
    const wish = { grantee: toHospital, labels: ['general'], purposes: ['TREAT' as const], access: 'read' as const };
    const expires = consortium.town.tip.header.timestampMs + HOUR_MS;
    const refused = await grantAccess(patient.session, patient.wallet, { ...wish, expires, uses: null });
    expect(codeOf(refused)).toBe('client-grant.grantee-kind');
  });

  it('answers a request, which tells the owner that somebody asked', async () => {
    const { record } = unwrapped(await write(patient));
    const asked = unwrapped(await requestAccess(doctorB.session, { record, purpose: 'TREAT', hospitalCount: 4 }));
    expect(asked.receipt.events.map(({ to }) => toHex(to))).toContain(toHex(patient.wallet.id));
    unwrapped(
      await grantAccess(patient.session, patient.wallet, {
        grantee: granteeOf(doctorB),
        labels: ['general'],
        purposes: ['TREAT'],
        access: 'read',
        expires: consortium.town.tip.header.timestampMs + HOUR_MS,
        uses: null,
        request: asked.id,
      }),
    );
    expect(unwrapped(await read(doctorB, record)).plaintext).toEqual(BUNDLE);
  });

  it('to write opens nothing and names no holder', async () => {
    const granted = unwrapped(await grantTo(doctorA, 'write'));
    expect(granted.holders).toEqual([]);
    const key = `person:${toHex(doctorA.wallet.id)}:${toHex(category)}`;
    expect(grants.get(consortium.town.tip.view, toHex(patient.wallet.id), key)?.scheme).toBe('none');
  });
});

describe('the door', () => {
  it('refuses a stranger, and tells why', async () => {
    const nobody = stranger(consortium, 'nobody');
    const refused = await refusedAtDoor(openCategory(nobody.session, nobody.wallet, 'general'));
    expect(codeOf(refused)).toBe('transaction.stranger');
  });

  it('lets one identity enrol once at a hospital, whatever wallet it brings (F6)', async () => {
    const again = member(consortium, 'another wallet', 'patient', { identity: 'patient' });
    await expect(again).rejects.toMatchObject({ code: 'participant.duplicate-handle' });
  });
});

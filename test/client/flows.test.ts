import { beforeEach, describe, expect, it } from 'vitest';
import { equal, toHex, utf8 } from '../../src/base/bytes.ts';
import { auditTrail } from '../../src/client/audit.ts';
import { openCategory } from '../../src/client/categories.ts';
import { endEpoch } from '../../src/client/end-epoch.ts';
import { grantAccess, previewGrant } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { requestAccess } from '../../src/client/request-access.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import { rewrapRecord } from '../../src/client/rewrap.ts';
import { refusedAtDoor } from '../../src/client/session.ts';
import { shredRecord } from '../../src/client/shred.ts';
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
const wishOf = (person: Person) => ({ grantee: granteeOf(person), label: 'general' });
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

describe('the end of an epoch, after a revocation (F30)', () => {
  const ends = () => endEpoch(patient.session, patient.wallet, 'general');

  it('seals old records to the new key and makes the remaining grants again: who may read goes on reading', async () => {
    unwrapped(await grantTo(doctorA, 'write'));
    const { record } = unwrapped(await write(doctorA));
    const old = consortium.rowOf(record);
    unwrapped(await grantTo(doctorB, 'read', 5));
    unwrapped(await revokeAccess(patient.session, patient.wallet, { ...wishOf(doctorA), endEpoch: false }));
    const ended = unwrapped(await ends());
    expect(ended).toMatchObject({ epoch: 1, waiting: [], left: [] });
    expect(ended.rewrapped).toEqual([record]);
    expect(ended.reissued.map(({ grantee }) => grantee.id)).toEqual([toHex(doctorB.wallet.id)]);

    const now = consortium.rowOf(record);
    const changed = { epoch: 1, envelopeHash: now.envelopeHash, sealedBy: patient.wallet.id };
    expect(now).toEqual({ ...old, ...changed, storedBy: now.storedBy });
    expect(equal(now.envelopeHash, old.envelopeHash)).toBe(false);
    const opened = unwrapped(await read(doctorB, record));
    // The medical author stays who wrote it, though the owner's device sealed it anew.
    expect(opened).toMatchObject({ plaintext: BUNDLE, author: doctorA.wallet.id, path: 'grant' });
    expect(unwrapped(await read(patient, record)).plaintext).toEqual(BUNDLE);
  });

  it('tells whose grant could not be made again, and why, and rewraps all the same', async () => {
    const { record } = unwrapped(await write(patient));
    unwrapped(await grantTo(doctorB, 'read'));
    for (const n of [3, 4]) consortium.down.add(toHex(idOf(hospitalName(n))));
    const { waiting, reissued, rewrapped } = unwrapped(await ends());
    expect(waiting.map(({ grant, why }) => [grant.grantee.id, why.code])).toEqual([
      [toHex(doctorB.wallet.id), 'client-grant.too-few-receipts'],
    ]);
    expect([reissued, rewrapped]).toEqual([[], [record]]);
    expect(codeOf(await read(doctorB, record))).toBe('policy.denied');
  });

  it('gives no new life to a grant that is used up, and counts what is left of another', async () => {
    const { record } = unwrapped(await write(patient));
    unwrapped(await grantTo(doctorB, 'read', 1));
    unwrapped(await grantTo(doctorA, 'read', 2));
    for (const doctor of [doctorB, doctorA]) unwrapped(await read(doctor, record));
    const ended = unwrapped(await ends());
    expect(ended.reissued.map(({ grantee }) => grantee.id)).toEqual([toHex(doctorA.wallet.id)]);
    unwrapped(await read(doctorA, record));
    for (const doctor of [doctorB, doctorA]) expect(codeOf(await read(doctor, record))).toBe('policy.denied');
  });

  it('leaves a record alone that is sealed to the current epoch already', async () => {
    const { record } = unwrapped(await write(patient));
    expect(codeOf(await rewrapRecord(patient.session, patient.wallet, record))).toBe('record.epoch-sealed');
  });
});

describe('a record that its owner shreds', () => {
  it('is closed to everybody, its owner included; another stays open', async () => {
    const { record } = unwrapped(await write(patient));
    const other = unwrapped(await write(patient));
    unwrapped(await grantTo(doctorB, 'read'));
    expect(codeOf(await shredRecord(doctorB.session, record))).toBe('policy.denied');
    unwrapped(await shredRecord(patient.session, record));
    for (const reader of [patient, doctorB]) expect(codeOf(await read(reader, record))).toBe('policy.denied');
    expect(unwrapped(await read(doctorB, other.record)).plaintext).toEqual(BUNDLE);
    const trail = await auditTrail(patient.session, patient.wallet.id);
    expect(trail.some(({ sentence }) => /You asked to shred record [0-9a-f]{12}: done\.$/.test(sentence))).toBe(true);
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
    expect(unwrapped(await previewGrant(patient.session, patient.wallet, wish)).replaced).toEqual([]);
    unwrapped(await grantTo(doctorB, 'read', 3));
    const preview = unwrapped(await previewGrant(patient.session, patient.wallet, wish));
    expect(preview.replaced.map(({ row }) => row.usesLeft)).toEqual([3]);
    unwrapped(await grantTo(doctorB, 'read', 5));
    const after = unwrapped(await previewGrant(patient.session, patient.wallet, wish));
    expect(after.standing.map(({ row }) => row.usesLeft)).toEqual([5]);
  });

  it('opens what is written after it, without the patient’s device', async () => {
    unwrapped(await grantTo(doctorB, 'read'));
    const { record } = unwrapped(await write(patient));
    expect(await read(doctorB, record)).toMatchObject({ ok: true, value: { path: 'grant', version: 1 } });
  });

  it('is made to nobody whom no hospital knows, and to no hospital', async () => {
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

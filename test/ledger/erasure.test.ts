import { beforeEach, describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import type { Payload } from '../../src/ledger/families/payloads.ts';
import { type StoredWords, storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { type RecordRow, records, recordVersions } from '../../src/ledger/state/tables.ts';
import { DOCTOR, HOUR_MS, MINUTE_MS, PATIENT, Ward } from './evaluation/ward.ts';
import { hash, hospitalName, idOf, primitives, publicOf, secretOf } from './town.ts';

const RECORD = hash('record one');
const ward = new Ward();
const start = ward.point;
beforeEach(() => ward.back(start));

const failed = (code: string) => ({ outcome: 'failed', code, events: [] });
const denied = { outcome: 'denied', code: 'policy.denied', events: [] };
const rowOf = (id = RECORD) => records.get(ward.tip.view, toHex(id)) as RecordRow;
const shreds = (by = PATIENT, record = RECORD) => ward.act(by, 'shred', { record });
const amends = () => {
  const { cid, ciphertextBytes, envelopeHash } = ward.recordPayload(PATIENT, 'two');
  const next = { record: RECORD, epoch: 0, cid, ciphertextBytes, envelopeHash };
  return ward.act(PATIENT, 'amendRecord', { ...next, storage: receiptsOf({ ...next, version: 2, author: PATIENT }) });
};
const asks = () =>
  ward.act(DOCTOR, 'requestAccess', {
    record: RECORD,
    doctorPublicKey: publicOf(DOCTOR),
    purpose: 'TREAT',
    oraclesMin: 1,
    oraclesMax: 3,
  });
const endsEpoch = (epoch = 1) =>
  ward.act(PATIENT, 'publishDelegatingKey', {
    category: ward.category(PATIENT),
    epoch,
    publicKey: publicOf(`epoch ${epoch}`),
    label: 'N',
  });

/** As the owner's device makes it; `author` is whose key the receipts name, `content` what they say is stored. */
function replacement({
  epoch = 1,
  keepers = 2,
  author = PATIENT,
  content = 'one',
  version = 1,
} = {}): Payload<'rewrap'> {
  const envelopeHash = hash(`envelope of epoch ${epoch}`);
  const { cid, ciphertextBytes } = ward.recordPayload(PATIENT, content);
  const stored = { record: RECORD, cid, ciphertextBytes, envelopeHash, epoch };
  return { record: RECORD, epoch, envelopeHash, storage: receiptsOf({ ...stored, version, author }, keepers) };
}

type Words = Omit<StoredWords, 'author' | 'category'> & { readonly author: string };

function receiptsOf(stored: Words, keepers = 2): Payload<'rewrap'>['storage'] {
  const words = { ...stored, author: idOf(stored.author), category: ward.category(PATIENT) };
  const digest = signingDigest(primitives, 'storage-receipt', storageReceiptBytes(ward.env.chainId, words));
  return Array.from({ length: keepers }, (_, i) => {
    const hospital = hospitalName(i + 1);
    return { hospital: idOf(hospital), signature: primitives.sign(digest, secretOf(`${hospital} duty`)) };
  });
}
const rewraps = (payload = replacement(), by = PATIENT) => ward.act(by, 'rewrap', payload);

describe('a record that its owner shreds (F47)', () => {
  it('stays as a tombstone with its content ids, and the owner and the hospitals that store it are told, by id alone', () => {
    const before = rowOf();
    const receipt = shreds();
    expect(receipt).toMatchObject({ outcome: 'applied', policies: ['patient-shreds-own-record'] });
    expect(rowOf()).toEqual({ ...before, status: 'shredded' });
    expect(receipt.events.map(({ name }) => name)).toEqual(['RecordShredded', 'RecordShredded', 'RecordShredded']);
    expect(receipt.events.every(({ about }) => equal(about, RECORD))).toBe(true);
    const told = [idOf(PATIENT), idOf(hospitalName(1)), idOf(hospitalName(2))].map(toHex);
    expect(receipt.events.map(({ to }) => toHex(to)).sort()).toEqual(told.sort());
  });

  it('is amended by one of two authors who sealed the same version at once: the other has to seal the next one', () => {
    expect(amends()).toMatchObject({ outcome: 'applied' });
    const { cid, ciphertextBytes, envelopeHash } = ward.recordPayload(PATIENT, 'three');
    const late = { record: RECORD, epoch: 0, cid, ciphertextBytes, envelopeHash };
    const payload = (version: number) => ({ ...late, storage: receiptsOf({ ...late, version, author: PATIENT }) });
    expect(ward.act(PATIENT, 'amendRecord', payload(2))).toMatchObject(failed('record.storage-receipts'));
    expect(ward.act(PATIENT, 'amendRecord', payload(3))).toMatchObject({ outcome: 'applied' });
  });

  it('is read, asked for, amended, rewrapped and shredded no more', () => {
    ward.grants();
    shreds();
    endsEpoch();
    expect(ward.read(DOCTOR, 'one')).toMatchObject(denied);
    expect(ward.read(PATIENT, 'one', 'PATRQT')).toMatchObject(denied);
    expect(asks()).toMatchObject(denied);
    expect(amends()).toMatchObject(failed('record.unknown'));
    expect(rewraps()).toMatchObject(failed('record.unknown'));
    expect(shreds()).toMatchObject(failed('record.unknown'));
  });

  it('never comes back: neither its id nor any content that it had, in whichever version', () => {
    expect(amends()).toMatchObject({ outcome: 'applied' });
    shreds();
    const again = (record: Uint8Array, content: string) =>
      ward.act(PATIENT, 'registerRecord', { ...ward.recordPayload(PATIENT, content), record });
    expect(again(RECORD, 'three')).toMatchObject(failed('record.exists'));
    for (const content of ['one', 'two'])
      expect(again(hash('another id'), content)).toMatchObject(failed('record.content-exists'));
  });

  it('is gone with every version, at the price of one row', () => {
    const { gasUsed } = shreds();
    ward.back(start);
    amends();
    const after = shreds();
    expect(after.gasUsed).toBe(gasUsed);
    expect(rowOf()).toMatchObject({ version: 2, status: 'shredded' });
    expect(recordVersions.get(ward.tip.view, toHex(RECORD), '1')).toMatchObject({ version: 1 });
  });

  it('is shredded by its owner alone: no grant, no role, no hospital', () => {
    ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, DOCTOR, { access: 'read-write' }));
    for (const other of [DOCTOR, hospitalName(1)]) expect(shreds(other)).toMatchObject(denied);
    expect(shreds(PATIENT, hash('no record'))).toMatchObject(denied);
    expect(rowOf().status).toBe('live');
  });

  it("asks nobody's own policies: a patient's set speaks of asking and reading (T-44)", () => {
    const text = 'forbid (principal, action in [Action::"readRecord", Action::"requestAccess"], resource);';
    ward.act(PATIENT, 'deployPolicy', { policy: new Uint8Array(16).fill(1), text });
    expect(shreds()).toMatchObject({ outcome: 'applied' });
  });
});

describe('a record that its owner rewraps', () => {
  it('has another envelope under the current key; version, content and medical author stay', () => {
    ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, DOCTOR, { access: 'write' }));
    const payload = { ...ward.recordPayload(PATIENT, 'by the doctor', 2, DOCTOR) };
    expect(ward.act(DOCTOR, 'registerRecord', payload)).toMatchObject({ outcome: 'applied' });
    expect(records.get(ward.tip.view, toHex(payload.record))).toMatchObject({ sealedBy: idOf(DOCTOR) });

    const before = rowOf();
    endsEpoch();
    const receipt = rewraps();
    expect(receipt).toMatchObject({ outcome: 'applied', policies: ['patient-rewraps-own-record'] });
    expect(receipt.events.map(({ name, to }) => [name, toHex(to)])).toEqual([
      ['RecordRewrapped', toHex(idOf(PATIENT))],
    ]);
    const storedBy = [1, 2].map((n) => idOf(hospitalName(n)));
    const now = { epoch: 1, envelopeHash: hash('envelope of epoch 1'), sealedBy: idOf(PATIENT) };
    expect({ ...rowOf(), storedBy: [] }).toEqual({ ...before, ...now, storedBy: [] });
    expect(rowOf().storedBy.map(toHex).sort()).toEqual(storedBy.map(toHex).sort());
  });

  it('is closed to grants of earlier epochs, and open to one that covers the new', () => {
    ward.grants();
    expect(ward.read(DOCTOR, 'one')).toMatchObject({ outcome: 'applied' });
    endsEpoch();
    expect(ward.read(DOCTOR, 'one')).toMatchObject({ outcome: 'applied' });
    rewraps();
    expect(ward.read(DOCTOR, 'one')).toMatchObject(denied);
    ward.grants({ epochTo: 1 });
    expect(ward.read(DOCTOR, 'one')).toMatchObject({ outcome: 'applied' });
  });

  it('is sealed once in an epoch, and to the current one', () => {
    expect(rewraps(replacement({ epoch: 0 }))).toMatchObject(failed('record.epoch-sealed'));
    expect(rewraps()).toMatchObject(failed('record.wrong-epoch'));
    endsEpoch();
    expect(rewraps(replacement({ epoch: 0 }))).toMatchObject(failed('record.wrong-epoch'));
    expect(rewraps()).toMatchObject({ outcome: 'applied' });
    expect(rewraps()).toMatchObject(failed('record.epoch-sealed'));
  });

  it("takes receipts as many as a record, of the owner's own key, and of the newest version's content", () => {
    endsEpoch();
    const wrong = failed('record.storage-receipts');
    expect(rewraps(replacement({ keepers: 1 }))).toMatchObject(wrong);
    expect(rewraps(replacement({ author: DOCTOR }))).toMatchObject(wrong);
    expect(rewraps(replacement({ content: 'two' }))).toMatchObject(wrong);
    expect(rewraps()).toMatchObject({ outcome: 'applied' });
  });

  it('is rewrapped by its owner alone, also where a grant covers writing', () => {
    ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, DOCTOR, { access: 'read-write' }));
    endsEpoch();
    expect(rewraps(replacement({ author: DOCTOR }), DOCTOR)).toMatchObject(denied);
  });
});

describe('a read whose envelope was erased meanwhile', () => {
  const erasures: readonly (readonly [string, () => void])[] = [
    ['shredded', () => void shreds()],
    [
      'rewrapped',
      () => {
        endsEpoch();
        rewraps();
      },
    ],
  ];

  it.each(erasures)(
    'of a record that is %s takes no answers and no claims: nobody could make or show a share',
    (_, erase) => {
      ward.grants();
      const read = ward.reads();
      ward.answers(1, read);
      erase();
      expect(ward.answers(2, read)).toMatchObject(failed('evaluation.closed'));
      expect(ward.claims(1, read)).toMatchObject(failed('evaluation.closed'));
    },
  );

  it.each(erasures)('of a record that is %s rates who had answered, and nobody for silence', (_, erase) => {
    ward.grants();
    const read = ward.reads();
    for (const n of [1, 2, 3]) ward.answers(n, read);
    erase();
    ward.until(read, HOUR_MS + MINUTE_MS);
    expect(Object.keys(ward.ratings(read))).toEqual(['1', '2', '3']);
  });

  it.each(erasures)(
    'of a record that is %s holds no claim against a holder who cannot publish any more',
    (_, erase) => {
      ward.grants();
      const read = ward.reads();
      for (const n of [1, 2, 3]) ward.answers(n, read);
      ward.claims(1, read);
      erase();
      ward.until(read, HOUR_MS + MINUTE_MS);
      expect(Object.keys(ward.ratings(read))).toEqual(['2', '3']);
    },
  );
});

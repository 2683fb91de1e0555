import { beforeEach, describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { decodeAuditLine } from '../../src/ledger/audit.ts';
import { possessionBytes } from '../../src/ledger/signed-words.ts';
import { grants, participants, readCounts, records, requests, VERSIONS_MAX } from '../../src/ledger/state/tables.ts';
import { HOUR_MS, hash, hospitalName, idOf, primitives, publicOf, secretOf, Town } from './town.ts';

const PATIENT = 'the patient';
const DOCTOR_A = 'Dr A';
const DOCTOR_B = 'Dr B';
const applied = { outcome: 'applied', code: null };
const denied = { outcome: 'denied', code: 'policy.denied', events: [] };

let town: Town;
beforeEach(() => {
  town = new Town();
  town.join(PATIENT, 'patient');
  town.join(DOCTOR_A, 'practitioner');
  town.join(DOCTOR_B, 'practitioner', hospitalName(2));
  town.openCategory(PATIENT);
});

const register = (by = PATIENT, record = 'one') =>
  town.act(by, 'registerRecord', town.recordPayload(PATIENT, record, 2, by));
const grant = (change = {}) => town.act(PATIENT, 'grant', town.grantPayload(PATIENT, DOCTOR_B, change));

describe('submitRecord, Alg. 1 (F26)', () => {
  it('lets the owner register, keeps the record without requests, and tells the patient', () => {
    const receipt = register();
    expect(receipt).toMatchObject(applied);
    expect(receipt.events.some(({ name, to }) => name === 'RecordSubmitted' && equal(to, idOf(PATIENT)))).toBe(true);
    expect(records.get(town.tip.view, toHex(hash('record one')))).toMatchObject({ version: 1, requests: 0 });
  });

  it('denies a practitioner without a write grant, and leaves no record', () => {
    expect(register(DOCTOR_A)).toMatchObject(denied);
    expect(records.get(town.tip.view, toHex(hash('record one')))).toBeUndefined();
  });

  it('lets a practitioner write under a write grant, and denies writing under a read grant (F21)', () => {
    town.act(PATIENT, 'grant', town.grantPayload(PATIENT, DOCTOR_A, { access: 'write' }));
    expect(register(DOCTOR_A)).toMatchObject(applied);
    grant();
    expect(register(DOCTOR_B, 'two')).toMatchObject(denied);
  });

  it('fails a version beyond the last one that a record may have, and no node stops over it', () => {
    register();
    const key = records.key(toHex(hash('record one')));
    const row = records.get(town.tip.view, toHex(hash('record one')));
    if (row === undefined) throw new Error('registered');
    const last = encode({ ...row, version: VERSIONS_MAX } as unknown as Canonical);
    const { view } = town.tip;
    town.tip = { ...town.tip, view: { ...view, get: (name) => (name === key ? last : view.get(name)) } };
    const { owner: _owner, category: _category, ...next } = town.recordPayload(PATIENT, 'two');
    const amended = town.act(PATIENT, 'amendRecord', { ...next, record: hash('record one') });
    expect(amended).toMatchObject({ outcome: 'failed', code: 'record.too-many-versions' });
  });

  it('fails the same content twice, and the same id twice', () => {
    register();
    expect(register()).toMatchObject({ outcome: 'failed', code: 'record.exists' });
    const other = { ...town.recordPayload(PATIENT, 'one'), record: hash('another id') };
    expect(town.act(PATIENT, 'registerRecord', other)).toMatchObject({ code: 'record.content-exists' });
  });

  it("fails a thief with the receipts of another's record: they name the author", () => {
    town.join('a thief', 'patient');
    const category = town.category(PATIENT);
    const publicKey = publicOf(`${PATIENT} delegating`);
    town.act('a thief', 'publishDelegatingKey', { category, epoch: 0, publicKey, label: 'N' });
    const stolen = { ...town.recordPayload(PATIENT, 'one'), owner: idOf('a thief') };
    expect(town.act('a thief', 'registerRecord', stolen)).toMatchObject({ code: 'record.storage-receipts' });
    expect(register()).toMatchObject(applied);
  });

  it('fails with too few storage receipts, or with one hospital counted twice', () => {
    const few = town.recordPayload(PATIENT, 'one', 1);
    expect(town.act(PATIENT, 'registerRecord', few)).toMatchObject({ code: 'record.storage-receipts' });
    const twice = { ...few, storage: [...few.storage, ...few.storage] };
    expect(town.act(PATIENT, 'registerRecord', twice)).toMatchObject({ code: 'record.storage-receipts' });
  });
});

describe('requestRecord, Alg. 2 (F27)', () => {
  const ask = (by: string, change = {}) =>
    town.act(by, 'requestAccess', {
      record: hash('record one'),
      doctorPublicKey: publicOf(by),
      purpose: 'TREAT',
      oraclesMin: 1,
      oraclesMax: 3,
      ...change,
    });
  beforeEach(() => {
    register();
  });

  it('creates a request that is neither granted nor evaluated, counts it, and tells patient and doctor', () => {
    const receipt = ask(DOCTOR_B);
    expect(receipt).toMatchObject(applied);
    expect(requests.get(town.tip.view, toHex(receipt.transactionId))).toMatchObject({
      granted: false,
      evaluated: false,
    });
    expect(records.get(town.tip.view, toHex(hash('record one')))?.requests).toBe(1);
    expect(receipt.events.map(({ to }) => toHex(to))).toEqual([toHex(idOf(PATIENT)), toHex(idOf(DOCTOR_B))]);
  });

  it('is for doctors only', () => expect(ask(PATIENT)).toMatchObject(denied));
  it("fails where the key does not hash to the caller's address", () =>
    expect(ask(DOCTOR_B, { doctorPublicKey: publicOf(DOCTOR_A) })).toMatchObject({ code: 'request.key-mismatch' }));
  it.each([
    [0, 3],
    [3, 2],
  ])('fails where 0 < Omin ≤ Omax does not hold: %i, %i', (oraclesMin, oraclesMax) =>
    expect(ask(DOCTOR_B, { oraclesMin, oraclesMax })).toMatchObject({ code: 'request.oracle-bounds' }),
  );
});

describe('a grant', () => {
  beforeEach(() => {
    register();
  });

  it('opens what was denied before, counts the read, and a revocation closes it again (F30)', () => {
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(denied);
    expect(grant()).toMatchObject(applied);
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(applied);
    expect(readCounts.get(town.tip.view, toHex(hash('record one')), toHex(idOf(DOCTOR_B)))?.allowed).toBe(1);
    const { grantee, categories } = town.grantPayload(PATIENT, DOCTOR_B);
    const category = categories[0]?.category as Uint8Array;
    expect(town.act(PATIENT, 'revoke', { grantee, category })).toMatchObject(applied);
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(denied);
  });

  it('ends on block time (F29)', () => {
    grant();
    expect(town.read(DOCTOR_B, 'one', 'TREAT', HOUR_MS - 5_000)).toMatchObject(applied);
    expect(town.read(DOCTOR_B, 'one', 'TREAT', 10_000)).toMatchObject(denied);
  });

  it('covers its purposes and no other: break-glass is not reached from treatment', () => {
    grant();
    for (const purpose of ['BTG', 'ETREAT', 'HRESCH'] as const)
      expect(town.read(DOCTOR_B, 'one', purpose)).toMatchObject(denied);
  });

  it('is used up', () => {
    grant({ uses: 2 });
    expect([1, 2, 3].map(() => town.read(DOCTOR_B, 'one').outcome)).toEqual(['applied', 'applied', 'denied']);
  });

  it('replaces the earlier one for the same pair', () => {
    grant({ uses: 1 });
    grant({ purposes: ['HRESCH'] });
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(denied);
    expect(town.read(DOCTOR_B, 'one', 'HRESCH')).toMatchObject(applied);
  });

  it('to a hospital covers its practitioners, to a role every one of them; others stay out', () => {
    grant({ grantee: { type: 'hospital', id: toHex(idOf(hospitalName(1))) } });
    expect(town.read(DOCTOR_A, 'one')).toMatchObject(applied);
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(denied);
    grant({ grantee: { type: 'role', id: 'practitioner' } });
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(applied);
  });

  it('needs receipts of enough holders, a category of the patient, a future, and a use', () => {
    const { delivery } = town.grantPayload(PATIENT, DOCTOR_B);
    const few = { ...delivery, holders: delivery.holders.slice(0, 2) };
    expect(grant({ delivery: few })).toMatchObject({ code: 'request.oracle-bounds' });
    const first = delivery.holders[0] as (typeof delivery.holders)[number];
    const repeated = { ...delivery, holders: [first, first, first] };
    expect(grant({ delivery: repeated })).toMatchObject({ code: 'grant.fragment-receipts' });
    const elsewhere = [{ category: new Uint8Array(16), epochFrom: 0, epochTo: 0 }];
    expect(grant({ categories: elsewhere })).toMatchObject({ code: 'grant.category' });
    expect(grant({ expires: town.tip.header.timestampMs })).toMatchObject({ code: 'grant.expired' });
    expect(grant({ uses: 0 })).toMatchObject({ code: 'grant.no-uses' });
  });

  it('lets only a person write, for an author must be somebody', () => {
    const hospital = { type: 'hospital' as const, id: toHex(idOf(hospitalName(1))) };
    expect(grant({ access: 'write', grantee: hospital })).toMatchObject({ code: 'grant.grantee' });
  });

  it('answers a request of its grantee, and of nobody else', () => {
    const ask = { record: hash('record one'), doctorPublicKey: publicOf(DOCTOR_A), purpose: 'TREAT' as const };
    const request = town.act(DOCTOR_A, 'requestAccess', { ...ask, oraclesMin: 1, oraclesMax: 3 }).transactionId;
    expect(grant({ request })).toMatchObject({ code: 'request.unknown' });
    const toA = { ...town.grantPayload(PATIENT, DOCTOR_A), request };
    expect(town.act(PATIENT, 'grant', toA)).toMatchObject(applied);
    expect(requests.get(town.tip.view, toHex(request))?.granted).toBe(true);
  });

  it('can be made by the patient alone', () => {
    expect(town.act(DOCTOR_A, 'grant', town.grantPayload(PATIENT, DOCTOR_B))).toMatchObject(denied);
    expect(grants.get(town.tip.view, toHex(idOf(PATIENT)), 'anything')).toBeUndefined();
  });
});

describe('an account', () => {
  it('is of no use before its hospital admits it, or while suspended', () => {
    town.act('Dr C', 'enrol', town.enrolment('Dr C', 'practitioner'));
    register();
    grant({ grantee: { type: 'role', id: 'practitioner' } });
    expect(town.read('Dr C', 'one')).toMatchObject(denied);
    expect(town.act(hospitalName(2), 'admit', { participant: idOf('Dr C') })).toMatchObject(denied);
    expect(town.act(hospitalName(1), 'admit', { participant: idOf('Dr C') })).toMatchObject(applied);
    expect(town.read('Dr C', 'one')).toMatchObject(applied);
    town.act(hospitalName(1), 'suspend', { participant: idOf('Dr C') });
    expect(town.read('Dr C', 'one')).toMatchObject(denied);
    town.act(hospitalName(1), 'reinstate', { participant: idOf('Dr C') });
    expect(town.read('Dr C', 'one')).toMatchObject(applied);
  });

  it('is one per identity at a hospital (F6)', () => {
    const again = town.enrolment('a second key', 'patient', hospitalName(1), hash(`handle of ${PATIENT}`));
    expect(town.act('a second key', 'enrol', again)).toMatchObject({ code: 'participant.duplicate-handle' });
  });

  it('keeps its id and nonce when its key rotates; the old key signs nothing any more', () => {
    const newKey = publicOf('a new key');
    const bytes = possessionBytes(town.env.chainId, idOf(DOCTOR_A), newKey);
    const stolen = primitives.sign(signingDigest(primitives, 'key-possession', bytes), secretOf('not the new key'));
    expect(town.act(DOCTOR_A, 'rotateKey', { newKey, possession: stolen })).toMatchObject({
      code: 'participant.no-possession',
    });
    const possession = primitives.sign(signingDigest(primitives, 'key-possession', bytes), secretOf('a new key'));
    expect(town.act(DOCTOR_A, 'rotateKey', { newKey, possession })).toMatchObject(applied);
    expect(participants.get(town.tip.view, toHex(idOf(DOCTOR_A)))?.publicKey).toEqual(newKey);
    expect(
      town.seal([town.sign(DOCTOR_A, 'revoke', { grantee: { type: 'role', id: 'x' }, category: new Uint8Array(16) })]),
    ).toEqual([]);
  });
});

describe('governance (F4)', () => {
  it('suspends a hospital with more than two thirds of the validators, and its doctors read nothing then', () => {
    register();
    grant();
    const value = { hospital: idOf(hospitalName(2)), status: 'suspended' };
    const proposal = town.act(hospitalName(1), 'propose', { change: 'setHospitalStatus', value }).transactionId;
    expect(town.read(DOCTOR_B, 'one')).toMatchObject(applied);
    for (const n of [1, 3, 4])
      expect(town.act(hospitalName(n), 'vote', { proposal, choice: 'yes' })).toMatchObject(applied);
    expect(town.read(DOCTOR_B, 'one')).toMatchObject({ ...denied, policies: ['barred-hospital-reads-nothing'] });
  });

  it('leaves enough active validators to decide, whatever is voted', () => {
    const suspend = (n: number) => {
      const value = { hospital: idOf(hospitalName(n)), status: 'suspended' };
      return town.act(hospitalName(1), 'propose', { change: 'setHospitalStatus', value }).transactionId;
    };
    const proposals = [suspend(3), suspend(4)];
    const outcomes = proposals.flatMap((proposal) =>
      [1, 2, 3].map((n) => town.act(hospitalName(n), 'vote', { proposal, choice: 'yes' }).code),
    );
    // The third hospital is suspended by then, and denied; hospital 4's suspension would leave two of four.
    expect(outcomes).toEqual([null, null, null, null, null, 'policy.denied']);
    const [, second] = proposals;
    if (second === undefined) throw new Error('two proposals');
    expect(town.act(hospitalName(4), 'vote', { proposal: second, choice: 'yes' })).toMatchObject({
      outcome: 'failed',
      code: 'hospital.quorum',
    });
  });

  it('sets no parameter to what would stop the chain', () => {
    const value = { name: 'voteThresholdDenominator', value: 0 };
    const proposal = town.act(hospitalName(1), 'propose', { change: 'setParameter', value }).transactionId;
    const votes = [1, 2, 3].map((n) => town.act(hospitalName(n), 'vote', { proposal, choice: 'yes' }));
    expect(votes[2]).toMatchObject({ outcome: 'failed', code: 'proposal.parameter' });
  });

  it('counts one vote a hospital, and none of a person', () => {
    const change = { change: 'setParameter', value: { name: 'blockIntervalMs', value: 500 } };
    expect(town.act(PATIENT, 'propose', change)).toMatchObject(denied);
    const proposal = town.act(hospitalName(1), 'propose', change).transactionId;
    town.act(hospitalName(1), 'vote', { proposal, choice: 'yes' });
    expect(town.act(hospitalName(1), 'vote', { proposal, choice: 'yes' })).toMatchObject({ code: 'proposal.voted' });
  });
});

describe('the audit trail (F43)', () => {
  it("holds every attempt on the patient's record, the denied ones too", () => {
    register();
    town.read(DOCTOR_B, 'one');
    grant();
    town.read(DOCTOR_B, 'one');
    const lines = town.blocks
      .flatMap(({ execution }) => execution.audit)
      .filter(({ subject }) => equal(subject, idOf(PATIENT)))
      .map(({ entry }) => decodeAuditLine(entry))
      .flatMap((line) => (line.ok ? [`${line.value.kind} ${line.value.outcome}`] : []));
    expect(lines.slice(-4)).toEqual([
      'registerRecord applied',
      'readRecord denied',
      'grant applied',
      'readRecord applied',
    ]);
  });
});

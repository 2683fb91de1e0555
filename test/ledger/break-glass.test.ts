import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { SealedReason } from '../../src/crypto/break-glass-reason.ts';
import { decodeAuditLine } from '../../src/ledger/audit.ts';
import { couldRead } from '../../src/ledger/can/could-read.ts';
import { readAct } from '../../src/ledger/families/index.ts';
import type { Payload } from '../../src/ledger/families/payloads.ts';
import { grantKeyOf } from '../../src/ledger/grant-key.ts';
import { readKeysOf } from '../../src/ledger/grant-keys.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { desks, reviewCounts, reviews, waitingReviews } from '../../src/ledger/state/desk-tables.ts';
import { evaluations, grants, type ReadRow, reads } from '../../src/ledger/state/tables.ts';
import { PURPOSES } from '../../src/ledger/vocabulary.ts';
import { expectApplied, HOUR_MS, hash, hospitalName, idOf, type Point, publicOf, reasonFor, Town } from './town.ts';

const PATIENT = 'the patient';
const [FIRST, SECOND] = ['Dr at the desk', 'another Dr at the desk'];
const DESK = hospitalName(2);
const desk = { type: 'desk' as const, id: toHex(idOf(DESK)) };

/** A patient of hospital 1 who chose the desk of hospital 2, where two doctors work. */
class Emergency extends Town {
  constructor() {
    super();
    this.join(PATIENT, 'patient');
    for (const doctor of [FIRST, SECOND]) this.join(doctor, 'practitioner', DESK);
    this.openCategory(PATIENT);
    expectApplied(this.act(PATIENT, 'registerRecord', this.recordPayload(PATIENT, 'one')));
    this.openDesk(DESK);
  }

  chooses(change: Partial<Payload<'grant'>> = {}): Receipt {
    const payload = this.grantPayload(PATIENT, 'the desk', { grantee: desk, purposes: ['BTG'], ...change });
    return this.act(PATIENT, 'grant', payload);
  }

  breaks(doctor = FIRST): Hash {
    const receipt = this.read(doctor, 'one', 'BTG');
    expectApplied(receipt);
    return receipt.transactionId;
  }

  breaksWith(reason: SealedReason): Receipt {
    const payload = { record: hash('record one'), purpose: 'BTG' as const, freshKey: publicOf('fresh'), reason };
    return this.act(FIRST, 'readRecord', payload);
  }

  closes(hospital: string, read: Hash): Receipt {
    return this.act(hospital, 'closeReview', { read, finding: 'justified' });
  }

  open(name: string): number {
    return reviewCounts.get(this.tip.view, toHex(idOf(name))) ?? 0;
  }

  review(read: Hash) {
    return reviews.get(this.tip.view, toHex(read));
  }

  readRow(read: Hash): ReadRow {
    return reads.get(this.tip.view, toHex(read)) as ReadRow;
  }
}

let town: Emergency;
let chosen: Point;
let before: Point;
beforeAll(() => {
  town = new Emergency();
  before = town.point;
  expectApplied(town.chooses());
  chosen = town.point;
});
beforeEach(() => town.back(chosen));

describe('T-70: the key of a desk', () => {
  const key = () => desks.get(town.tip.view, toHex(idOf(DESK)));

  it('stands on chain from the block that published it, and a new one takes its place', () => {
    expect(key()).toMatchObject({ receivingKey: publicOf(`${DESK} desk`) });
    town.openDesk(DESK, 'a new key');
    expect(key()).toEqual({ receivingKey: publicOf('a new key'), sinceHeight: town.tip.header.height });
  });

  it.each([
    [
      'without proof that it is held',
      () => ({ ...town.deskKey(DESK), receivingKey: publicOf('x') }),
      'desk.no-possession',
    ],
    ['with the proof of another hospital', () => town.deskKey(hospitalName(3), 'x'), 'desk.no-possession'],
    ['that stands already', () => town.deskKey(DESK), 'desk.key-in-use'],
    ['that signs for somebody', () => town.deskKey(DESK, FIRST), 'desk.key-in-use'],
  ] as const)('is refused %s', (_, payload, code) => {
    expect(town.act(DESK, 'publishDeskKey', payload())).toMatchObject({ outcome: 'failed', code });
  });
});

describe('T-71: a grant to a desk', () => {
  beforeEach(() => town.back(before));
  const withHolders = (holders: readonly number[], deskKey = publicOf(`${DESK} desk`)) => {
    const payload = town.grantPayload(PATIENT, 'the desk', { grantee: desk, purposes: ['BTG'] });
    const { grantId } = payload.delivery;
    const held = { patient: PATIENT, grantId, grantee: desk, categories: payload.categories, holders };
    const receipts = town.receipts({ ...held, fragmentIds: [hash('fragment')], deskKey });
    return { ...payload, delivery: { ...payload.delivery, oraclesMin: 3, holders: receipts } };
  };

  it('stands under its own grant key, held by other hospitals', () => {
    expectApplied(town.chooses());
    const row = grants.get(town.tip.view, toHex(idOf(PATIENT)), grantKeyOf(desk, town.category(PATIENT)));
    expect(row?.holders.map(({ hospital }) => toHex(hospital))).toEqual(
      [1, 3, 4].map((n) => toHex(idOf(hospitalName(n)))),
    );
  });

  it.each([
    ['for another purpose', { purposes: ['BTG', 'TREAT'] }],
    ['to write', { access: 'read-write' }],
  ] as const)('is refused %s', (_, change) => {
    expect(town.chooses(change)).toMatchObject({ outcome: 'failed', code: 'grant.desk' });
  });

  it('is refused where the own hospital of the desk would hold a fragment', () => {
    expect(town.act(PATIENT, 'grant', withHolders([1, 2, 3, 4]))).toMatchObject({ code: 'grant.desk' });
    expectApplied(town.act(PATIENT, 'grant', withHolders([1, 3, 4])));
  });

  it('is refused with receipts for fragments that open to another key than the one that stands', () => {
    const refused = { outcome: 'failed', code: 'grant.fragment-receipts' };
    expect(town.act(PATIENT, 'grant', withHolders([1, 3, 4], publicOf('the key before')))).toMatchObject(refused);
  });

  it('is refused to a hospital without a desk, and to nobody', () => {
    const to = (id: Address) => town.chooses({ grantee: { type: 'desk', id: toHex(id) } });
    expect(to(idOf(hospitalName(3)))).toMatchObject({ code: 'desk.unknown' });
    expect(to(idOf('nobody'))).toMatchObject({ code: 'hospital.unknown' });
  });
});

describe('T-72: a read for break-glass', () => {
  it('is opened by the path of the desk, and answered like any read under a grant', () => {
    const read = town.breaks();
    expect(town.readRow(read)).toMatchObject({ path: 'desk', purpose: 'BTG', reader: idOf(FIRST) });
    const evaluation = evaluations.get(town.tip.view, toHex(read));
    expect(evaluation).toMatchObject({ state: 'open', threshold: 3 });
    expect(evaluation?.holders).toHaveLength(3);
  });

  it('alerts the patient and the desk in the same block', () => {
    const { events, transactionId: about } = town.read(FIRST, 'one', 'BTG');
    expect(events.filter(({ name }) => name === 'GlassBroken')).toEqual([
      { name: 'GlassBroken', to: idOf(PATIENT), about },
      { name: 'GlassBroken', to: idOf(DESK), about },
    ]);
  });

  it('leaves a review open, counted for the reader and for the desk', () => {
    const read = town.breaks();
    expect(town.review(read)).toMatchObject({
      status: 'open',
      owner: idOf(PATIENT),
      reader: idOf(FIRST),
      desk: idOf(DESK),
    });
    expect(waitingReviews.get(town.tip.view, toHex(read))).toBe(town.tip.header.height);
    expect([town.open(FIRST), town.open(DESK), town.open(SECOND)]).toEqual([1, 1, 0]);
  });

  it('opens nothing under an ordinary grant, whatever purposes that names', () => {
    town.back(before);
    for (const grantee of [
      { type: 'person' as const, id: toHex(idOf(FIRST)) },
      { type: 'hospital' as const, id: desk.id },
      { type: 'role' as const, id: 'practitioner' },
    ])
      expectApplied(
        town.act(PATIENT, 'grant', town.grantPayload(PATIENT, FIRST, { grantee, purposes: [...PURPOSES] })),
      );
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
    expect(town.read(FIRST, 'one', 'TREAT').outcome).toBe('applied');
  });

  it('is denied at a hospital that the patient did not choose, and over a category that he did not name', () => {
    town.join('Dr elsewhere', 'practitioner', hospitalName(3));
    expect(town.read('Dr elsewhere', 'one', 'BTG')).toMatchObject({ outcome: 'denied' });
    town.back(before);
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject({ outcome: 'denied' });
  });

  it('fails with a code of its own where the fragments are for a key that the desk has no more', () => {
    town.openDesk(DESK, 'a new key');
    const counted = town.open(DESK);
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject({
      outcome: 'failed',
      code: 'read.no-fragments',
      policies: ['practitioner-breaks-glass'],
    });
    expect(town.open(DESK)).toBe(counted);
    expectApplied(town.chooses());
    town.breaks();
  });

  it('goes on being judged by the key that the desk had then', () => {
    const read = town.breaks();
    town.openDesk(DESK, 'a new key');
    const keyId = { category: town.category(PATIENT), epoch: 0 };
    const keys = readKeysOf(town.tip.view, read, town.readRow(read), keyId);
    expect(keys?.receivingPk).toEqual(publicOf(`${DESK} desk`));
  });

  const [toPatient, ...toHospitals] = reasonFor(PATIENT).boxes;
  it.each([
    ['to no patient', toHospitals],
    ['to nobody who may review', [toPatient, { ...toHospitals[0], to: idOf(DESK) }]],
    ['to somebody twice', [toPatient, toPatient, ...toHospitals]],
  ])('fails with a reason that is sealed %s', (_, boxes) => {
    const reason = { ...reasonFor(PATIENT), boxes } as SealedReason;
    expect(town.breaksWith(reason)).toMatchObject({ outcome: 'failed', code: 'break-glass.reason' });
  });

  it('carries a reason, and a read for another purpose carries none', () => {
    const read = { record: hash('record one'), freshKey: publicOf('fresh') };
    const act = (payload: object) => readAct({ kind: 'readRecord', payload } as never);
    expect(act({ ...read, purpose: 'BTG' })).toMatchObject({ rejection: { code: 'shape.missing-field' } });
    const reason = reasonFor(PATIENT);
    expect(act({ ...read, purpose: 'TREAT', reason })).toMatchObject({ rejection: { code: 'shape.unknown-field' } });
    expect(act({ ...read, purpose: 'BTG', reason }).ok).toBe(true);
  });

  it('counts the uses of the grant, and ends with it', () => {
    expectApplied(town.chooses({ uses: 1 }));
    town.breaks();
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject({ outcome: 'denied' });
    town.back(chosen);
    town.seal([], 2 * HOUR_MS);
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject({ outcome: 'denied' });
  });

  it('says by which path it was opened in the trail, and by which rule', () => {
    town.breaks();
    const lines = (town.blocks.at(-1)?.execution.audit ?? []).map(({ entry }) => decodeAuditLine(entry));
    for (const line of lines)
      expect(line).toMatchObject({ value: { path: 'desk', purpose: 'BTG', policies: ['practitioner-breaks-glass'] } });
    expect(lines).toHaveLength(2);
  });
});

describe('T-73: the cap on open reviews', () => {
  const DENIED = { outcome: 'denied', code: 'policy.denied', policies: ['break-glass-waits-for-reviews'] };

  it('denies a practitioner the fourth break that nobody has reviewed, and nobody else', () => {
    const reads = [town.breaks(), town.breaks(), town.breaks()];
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject(DENIED);
    expect(town.open(FIRST)).toBe(3);
    town.breaks(SECOND);
    expectApplied(town.closes(hospitalName(3), reads[1] as Hash));
    town.breaks();
    expect(town.read(FIRST, 'one', 'BTG')).toMatchObject(DENIED);
  });

  it('denies a whole desk the thirteenth', () => {
    const doctors = [FIRST, SECOND, 'a third', 'a fourth', 'a fifth'];
    for (const doctor of doctors.slice(2)) town.join(doctor, 'practitioner', DESK);
    for (const doctor of doctors.slice(0, 4)) for (let n = 0; n < 3; n++) town.breaks(doctor);
    expect(town.open(DESK)).toBe(12);
    expect(town.read('a fifth', 'one', 'BTG')).toMatchObject(DENIED);
  });

  it('is what a question about who could read says too', () => {
    const could = () => {
      const question = { principal: idOf(FIRST), record: hash('record one') as Uint8Array, purpose: 'BTG' as const };
      return couldRead(town.env, town.tip.view, town.tip.header, question).allowed;
    };
    expect(could()).toBe(true);
    for (let n = 0; n < 3; n++) town.breaks();
    expect(could()).toBe(false);
  });

  it('stays as long as nobody reviews, and takes nothing back', () => {
    const [read] = [town.breaks(), town.breaks(), town.breaks()];
    for (let days = 0; days < 3; days++) town.seal([], 24 * HOUR_MS);
    expect(town.review(read as Hash)?.status).toBe('open');
    expect(town.open(FIRST)).toBe(3);
  });
});

describe('T-74: a review', () => {
  it("is closed by a hospital that is neither the desk nor the reader's, and told to all whom it concerns", () => {
    const read = town.breaks();
    const receipt = town.act(hospitalName(3), 'closeReview', { read, finding: 'not-justified' });
    expectApplied(receipt);
    expect(town.review(read)).toMatchObject({
      status: 'closed',
      finding: 'not-justified',
      closedBy: idOf(hospitalName(3)),
      closedHeight: town.tip.header.height,
    });
    expect(receipt.events.map(({ name, to }) => [name, toHex(to)])).toEqual(
      [PATIENT, FIRST, DESK].map((name) => ['ReviewClosed', toHex(idOf(name))]),
    );
    expect([town.open(FIRST), town.open(DESK)]).toEqual([0, 0]);
    expect(reviewCounts.get(town.tip.view, toHex(idOf(FIRST)))).toBeUndefined();
    expect(waitingReviews.get(town.tip.view, toHex(read))).toBeUndefined();
  });

  it("is not for the desk's own hospital to close, nor for its people, nor for the patient", () => {
    const read = town.breaks();
    for (const name of [DESK, FIRST, PATIENT]) expect(town.closes(name, read)).toMatchObject({ outcome: 'denied' });
    expect(town.review(read)?.status).toBe('open');
  });

  it('is closed once, and only where there is one', () => {
    const read = town.breaks();
    expectApplied(town.closes(hospitalName(3), read));
    expect(town.closes(hospitalName(4), read).outcome).toBe('denied');
    expect(town.closes(hospitalName(4), hash('no read')).outcome).toBe('denied');
  });

  it("is no part of a read under an ordinary grant, nor of the owner's", () => {
    expectApplied(town.act(PATIENT, 'grant', town.grantPayload(PATIENT, FIRST)));
    for (const [name, purpose] of [
      [FIRST, 'TREAT'],
      [PATIENT, 'BTG'],
    ] as const) {
      const { transactionId, outcome } = town.read(name, 'one', purpose);
      expect([outcome, town.review(transactionId)]).toEqual(['applied', undefined]);
    }
    expect([town.open(FIRST), town.open(DESK)]).toEqual([0, 0]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { PublicKey } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { evaluations } from '../../../src/ledger/state/tables.ts';
import { expectApplied, genesisOf, hash, hospitalName, idOf, policyFiles, publicOf, Town } from '../town.ts';
import { DAY_MS, DOCTOR, HOUR_MS, MINUTE_MS, PATIENT, SECOND_MS, Ward } from './ward.ts';

const ward = new Ward();
const start = ward.point;
beforeEach(() => ward.back(start));

const failed = (code: string) => ({ outcome: 'failed', code, events: [] });

describe('a read under a grant', () => {
  it('opens one evaluation, with the bounds and the holders of the grant', () => {
    const { transactionId } = ward.grants({ holders: [1, 2, 3], min: 2, max: 3 });
    const read = ward.reads();
    const { holders, ...row } = ward.evaluation(read);
    expect(holders.map(({ hospital }) => hospital)).toEqual([1, 2, 3].map((n) => idOf(hospitalName(n))));
    expect(row).toMatchObject({
      owner: idOf(PATIENT),
      reader: idOf(DOCTOR),
      readMs: ward.nowMs,
      grant: transactionId,
      threshold: 1,
      oraclesMin: 2,
      oraclesMax: 3,
      answers: [],
      state: 'open',
      closesMs: ward.nowMs + DAY_MS,
      ratings: [],
      winner: null,
    });
  });

  it('wants no more answers than there are holders', () => {
    ward.grants({ holders: [1, 2], min: 2, max: 4 });
    expect(ward.evaluation(ward.reads()).oraclesMax).toBe(2);
  });

  it('counts as holders those alone who have signed that they hold fragments, each once', () => {
    const terms = ward.terms({ holders: [1, 1, 2, 3, 4], min: 3 });
    const [, , , , fourth] = terms.delivery.holders;
    const forged = { ...fourth, receipt: terms.delivery.holders[0]?.receipt } as typeof fourth & object;
    const holders = [...terms.delivery.holders.slice(0, 4), forged];
    expect(ward.act(PATIENT, 'grant', { ...terms, delivery: { ...terms.delivery, holders } }).outcome).toBe('applied');
    expect(ward.evaluation(ward.reads()).holders.map(({ hospital }) => hospital)).toEqual(
      [1, 2, 3].map((n) => idOf(hospitalName(n))),
    );
  });

  it('opens none where the grant brings no fragments: it permits, and nobody holds a share', () => {
    const extra = { id: 'extra', text: '@id("extra") permit (principal, action == Action::"readRecord", resource);' };
    const town = new Town({ ...genesisOf(4), policies: [...policyFiles(), extra] });
    town.join(PATIENT, 'patient');
    town.join(DOCTOR, 'practitioner');
    town.openCategory(PATIENT);
    expectApplied(town.act(PATIENT, 'registerRecord', town.recordPayload(PATIENT, 'one')));
    expectApplied(town.act(PATIENT, 'grant', town.grantPayload(PATIENT, DOCTOR, { access: 'write' })));
    const read = town.read(DOCTOR, 'one');
    expect(read.outcome).toBe('applied');
    expect(evaluations.get(town.tip.view, toHex(read.transactionId))).toBeUndefined();
  });

  it('is opened by no read to whose fresh key nothing could be sealed', () => {
    ward.grants();
    for (const freshKey of [new Uint8Array(33).fill(255), new Uint8Array(33), Uint8Array.of(2, ...Array(32).fill(255))])
      expect(
        ward.act(DOCTOR, 'readRecord', {
          record: hash('record one') as Uint8Array,
          purpose: 'TREAT',
          freshKey: freshKey as PublicKey,
        }),
      ).toMatchObject(failed('read.fresh-key'));
  });

  it('opens none where the owner reads, by the own key', () => {
    const payload = {
      record: hash('record one') as Uint8Array,
      purpose: 'PATRQT' as const,
      freshKey: publicOf('fresh'),
    };
    const { transactionId, outcome } = ward.act(PATIENT, 'readRecord', payload);
    expect(outcome).toBe('applied');
    expect(evaluations.get(ward.tip.view, toHex(transactionId))).toBeUndefined();
    expect(ward.answers(1, transactionId)).toMatchObject(failed('evaluation.unknown'));
  });
});

describe('addOracleResponse, Alg. 3 (F34)', () => {
  it('keeps who committed what and when, and tells the reader', () => {
    ward.grants();
    const read = ward.reads();
    const receipt = ward.answers(1, read);
    expect(receipt.events).toEqual([{ name: 'ShareCommitted', to: idOf(DOCTOR), about: read }]);
    const [answer] = ward.evaluation(read).answers;
    expect(answer).toMatchObject({ hospital: idOf(hospitalName(1)), timestampMs: ward.nowMs, claim: 'none' });
  });

  it('answers many reads in one transaction', () => {
    ward.grants();
    const reads = [ward.reads(), ward.reads(), ward.reads()];
    const receipt = ward.respond(
      1,
      reads.map((read) => ({ read, shareHash: hash(`share ${toHex(read)}`) })),
    );
    expect(receipt.events.map(({ name }) => name)).toEqual(Array(3).fill('ShareCommitted'));
    for (const read of reads) expect(ward.evaluation(read).answers).toHaveLength(1);
  });

  it('takes the good answers of a batch, and names the code of each that it left out', () => {
    ward.grants();
    const [answered, fresh] = [ward.reads(), ward.reads()];
    ward.answers(1, answered);
    const [again, unknown] = [hash('again'), hash('no read')];
    const receipt = ward.respond(1, [
      { read: answered, shareHash: again },
      { read: fresh, shareHash: again },
      { read: fresh, shareHash: hash('twice in one batch') },
      { read: unknown, shareHash: again },
    ]);
    expect(receipt.outcome).toBe('applied');
    expect(receipt.events).toEqual([
      { name: 'evaluation.answered', to: idOf(hospitalName(1)), about: answered },
      { name: 'ShareCommitted', to: idOf(DOCTOR), about: fresh },
      { name: 'evaluation.answered', to: idOf(hospitalName(1)), about: fresh },
      { name: 'evaluation.unknown', to: idOf(hospitalName(1)), about: unknown },
    ]);
    expect(ward.evaluation(fresh).answers.map(({ shareHash }) => shareHash)).toEqual([again]);
  });

  it('costs gas by its bytes, answers and rows', () => {
    ward.grants();
    const [a, b] = [ward.reads(), ward.reads()];
    const one = ward.respond(1, [{ read: a, shareHash: hash('1') }]).gasUsed;
    const two = ward.respond(2, [
      { read: a, shareHash: hash('2') },
      { read: b, shareHash: hash('3') },
    ]).gasUsed;
    // A row and a look-up more, and some 90 bytes.
    expect(two - one).toBeGreaterThanOrEqual(100 + 50 + 64);
    expect(two - one).toBeLessThan(100 + 50 + 128);
  });
});

describe('an answer is not taken', () => {
  it.each([
    ['of a read that is not there', () => ward.answers(1, hash('no read')), 'evaluation.unknown'],
    ['from a hospital that is no holder', () => ward.answers(5, ward.reads()), 'evaluation.not-holder'],
  ])('%s', (_, answer, code) => {
    ward.grants();
    expect(answer()).toMatchObject(failed(code));
  });

  it('a second time', () => {
    ward.grants();
    const read = ward.reads();
    ward.answers(1, read);
    expect(ward.respond(1, [{ read, shareHash: hash('another') }])).toMatchObject(failed('evaluation.answered'));
  });

  it('beyond Omax answers', () => {
    ward.grants({ min: 1, max: 2 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.answers(2, read);
    expect(ward.answers(3, read)).toMatchObject(failed('evaluation.full'));
  });

  it("where it copies another's commitment; who was copied answers with a share made anew", () => {
    ward.grants();
    const read = ward.reads();
    ward.answers(1, read);
    const { shareHash } = ward.evaluation(read).answers[0] as { shareHash: ReturnType<typeof hash> };
    expect(ward.respond(2, [{ read, shareHash }])).toMatchObject(failed('evaluation.copied-share'));
    expect(ward.answers(2, read).outcome).toBe('applied');
  });

  it('after the close', () => {
    ward.grants({ min: 1, max: 4 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.until(read, HOUR_MS);
    expect(ward.answers(2, read)).toMatchObject(failed('evaluation.closed'));
  });

  it('in the first block after the closing time either, though nothing has swept in between', () => {
    ward.grants({ min: 1, max: 4 });
    const [kept, missed] = [ward.reads(), ward.reads()];
    ward.answers(1, kept);
    ward.answers(1, missed);
    // The first may still be answered in a block at the very hour; the second is one block time late.
    ward.passes(ward.evaluation(kept).readMs + HOUR_MS - ward.nowMs - SECOND_MS);
    expect(ward.answers(2, kept, SECOND_MS).outcome).toBe('applied');
    expect(ward.answers(2, missed, SECOND_MS + 1)).toMatchObject(failed('evaluation.closed'));
  });

  it('more than a day after the read, though a claim keeps the evaluation open', () => {
    ward.grants({ min: 2, max: 4 });
    const read = ward.reads();
    ward.answers(1, read, HOUR_MS);
    ward.until(read, DAY_MS - MINUTE_MS);
    ward.answers(2, read, MINUTE_MS - SECOND_MS);
    expect(ward.answers(3, read, SECOND_MS).outcome).toBe('applied');
    expect(ward.answers(4, read, SECOND_MS)).toMatchObject(failed('evaluation.closed'));
    expect(ward.evaluation(read).state).toBe('open');
    expect(ward.claims(3, read).outcome).toBe('applied');
  });

  it('from a doctor: that is a matter of policy', () => {
    ward.grants();
    const read = ward.reads();
    const payload = { answers: [{ read, shareHash: hash('share') }] };
    expect(ward.act(DOCTOR, 'respond', payload)).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
  });
});

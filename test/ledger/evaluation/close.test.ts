import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { equal, toHex } from '../../../src/base/bytes.ts';
import { decodeAuditLine } from '../../../src/ledger/audit.ts';
import { PAIR_RATINGS_MAX } from '../../../src/ledger/evaluation/limits.ts';
import { openReads } from '../../../src/ledger/state/evaluation-tables.ts';
import { requests } from '../../../src/ledger/state/tables.ts';
import { expectApplied, hash, hospitalName, idOf, publicOf } from '../town.ts';
import { DAY_MS, DOCTOR, HOUR_MS, MINUTE_MS, PATIENT, SECOND_MS, Ward } from './ward.ts';

const ward = new Ward();
const start = ward.point;
beforeEach(() => ward.back(start));

const WINDOW_MS = 5 * MINUTE_MS;

/** Suspended by the votes of the others. */
function suspend(n: number): void {
  const value = { hospital: idOf(hospitalName(n)), status: 'suspended' };
  const voters = [1, 2, 3, 4, 5].filter((each) => each !== n);
  const proposal = ward.act(hospitalName(voters[0] as number), 'propose', { change: 'setHospitalStatus', value });
  expectApplied(proposal);
  for (const voter of voters)
    expectApplied(ward.act(hospitalName(voter), 'vote', { proposal: proposal.transactionId, choice: 'yes' }));
}

describe('an evaluation with Omax answers', () => {
  it('closes when the dispute window after the last of them has passed, and not before', () => {
    ward.grants();
    const read = ward.reads();
    for (const n of [1, 2, 3, 4]) ward.answers(n, read);
    expect(ward.evaluation(read).closesMs).toBe(ward.nowMs + WINDOW_MS);
    ward.passes(WINDOW_MS - 1);
    expect(ward.evaluation(read).state).toBe('open');
    expect(ward.told).toEqual([]);
    ward.passes(1);
    expect(ward.evaluation(read).state).toBe('evaluated');
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 65_517, 3: 65_499, 4: 65_481 });
    expect(ward.winner(read)).toBe(1);
    expect(ward.blocks.at(-1)?.execution.endEvents).toEqual([
      { name: 'ReadEvaluated', to: idOf(PATIENT), about: read },
      { name: 'ReadEvaluated', to: idOf(DOCTOR), about: read },
    ]);
  });

  it('does not rate who was not quick enough to be among them', () => {
    ward.grants({ min: 1, max: 2 });
    const read = ward.reads();
    ward.answers(3, read);
    ward.answers(2, read);
    ward.passes(WINDOW_MS);
    expect(ward.ratings(read)).toEqual({ 2: 65_517, 3: 65_535 });
    expect(ward.reputation(1)).toBeUndefined();
  });

  it('that come together close it after the hour, if the last comes then', () => {
    ward.grants({ min: 2, max: 3 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.answers(2, read, 2 * HOUR_MS);
    ward.answers(3, read);
    ward.passes(WINDOW_MS);
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 0, 3: 0 });
    expect(ward.reputation(4)).toBeUndefined();
  });
});

describe('an evaluation with at least Omin answers', () => {
  it('closes after the hour, and then rates the silent 0', () => {
    ward.grants({ min: 2 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.answers(4, read, MINUTE_MS);
    ward.until(read, HOUR_MS - 1);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(1);
    expect(ward.evaluation(read).state).toBe('evaluated');
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 0, 3: 0, 4: 64_443 });
  });

  it('never closes sooner than the dispute window after the last answer, also when that comes late', () => {
    ward.grants({ min: 1 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.until(read, HOUR_MS - MINUTE_MS);
    ward.answers(2, read, SECOND_MS);
    ward.passes(MINUTE_MS);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(WINDOW_MS - MINUTE_MS - 1);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(1);
    expect(ward.evaluation(read).state).toBe('evaluated');
  });

  it('that come after the hour closes one window later', () => {
    ward.grants({ min: 2 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.until(read, 3 * HOUR_MS);
    ward.answers(2, read);
    ward.passes(WINDOW_MS);
    expect(ward.evaluation(read)).toMatchObject({ state: 'evaluated' });
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 0, 3: 0, 4: 0 });
    expect(ward.winner(read)).toBe(1);
  });
});

describe('an evaluation without enough answers', () => {
  it('fails after a day: who answered is rated, the silent 0, nobody wins, and the use is given back', () => {
    ward.grants({ uses: 2 });
    const read = ward.reads();
    expect(ward.usesLeft).toBe(1);
    ward.answers(1, read);
    ward.until(read, DAY_MS - 1);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(1);
    expect(ward.evaluation(read)).toMatchObject({ state: 'failed', winner: null });
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 0, 3: 0, 4: 0 });
    expect(ward.usesLeft).toBe(2);
    expect(ward.told).toEqual(['ReadFailed', 'ReadFailed']);
  });

  it('fails for good: an answer after the day does not mend it', () => {
    ward.grants();
    const read = ward.reads();
    for (const n of [1, 2]) ward.answers(n, read);
    ward.until(read, DAY_MS - SECOND_MS);
    expect(ward.answers(3, read, SECOND_MS + 1)).toMatchObject({ code: 'evaluation.closed' });
    expect(ward.evaluation(read).state).toBe('failed');
  });

  it('rates nobody 0 for a share that never came once the grant was revoked: no honest holder can make it again', () => {
    ward.grants();
    const read = ward.reads();
    for (const n of [1, 2, 3, 4]) ward.answers(n, read);
    expectApplied(ward.claims(1, read));
    ward.revokes();
    ward.passes(WINDOW_MS);
    expect(Object.keys(ward.ratings(read))).toEqual(['2', '3', '4']);
    expect(ward.reputation(1)).toBeUndefined();
  });

  it('gives no use back to a grant that counts none, that was revoked, or that replaced it', () => {
    ward.grants({ uses: null });
    const [uncounted] = [ward.reads()];
    ward.until(uncounted, DAY_MS);
    expect(ward.usesLeft).toBeNull();
    ward.grants({ uses: 3 });
    const replaced = ward.reads();
    ward.grants({ uses: 3 });
    ward.until(replaced, DAY_MS);
    expect([ward.evaluation(replaced).state, ward.usesLeft]).toEqual(['failed', 3]);
    const revoked = ward.reads();
    ward.revokes();
    ward.until(revoked, DAY_MS);
    expect([ward.evaluation(revoked).state, ward.usesLeft]).toEqual(['failed', undefined]);
  });
});

describe('silence', () => {
  it('is what holders owe once the grant has ended: it is not held against them', () => {
    for (const end of [() => ward.revokes(), () => ward.grants()]) {
      ward.grants();
      const read = ward.reads();
      ward.answers(1, read);
      end();
      ward.until(read, DAY_MS);
      expect(ward.ratings(read)).toEqual({ 1: 65_535 });
    }
    ward.grants({ lastsMs: HOUR_MS });
    const read = ward.reads();
    ward.until(read, DAY_MS);
    expect(ward.ratings(read)).toEqual({});
  });
});

describe('a suspended holder', () => {
  it('is not rated, silent or not, and wins nothing', () => {
    ward.grants({ min: 2 });
    const read = ward.reads();
    for (const n of [1, 2, 3]) ward.answers(n, read);
    suspend(1);
    ward.until(read, HOUR_MS);
    expect(ward.ratings(read)).toEqual({ 2: 65_517, 3: 65_499, 4: 0 });
    expect(ward.winner(read)).toBe(2);
    expect(ward.reputation(1)).toBeUndefined();
  });

  it('answers nothing: policy denies it', () => {
    ward.grants();
    const read = ward.reads();
    suspend(1);
    expect(ward.answers(1, read)).toMatchObject({ outcome: 'denied' });
  });
});

describe('a reputation', () => {
  it('is the sum and number of ratings, beginning with 32,768', () => {
    ward.grants({ min: 1, max: 1 });
    const first = ward.reads();
    ward.answers(2, first, 60 * SECOND_MS);
    ward.passes(WINDOW_MS);
    expect(ward.reputation(2)).toEqual({ sum: 32_768 + 64_461, count: 2 });
    const second = ward.reads();
    ward.answers(2, second);
    ward.passes(WINDOW_MS);
    expect(ward.reputation(2)).toEqual({ sum: 32_768 + 64_461 + 65_535, count: 3 });
  });

  it('is moved by one owner and one reader so many times a day, and by the next day anew', () => {
    ward.grants({ min: 1, max: 1 });
    const once = (afterMs?: number): void => {
      const read = ward.reads(afterMs);
      ward.answers(2, read);
      ward.passes(WINDOW_MS);
      expect(ward.ratings(read)).toEqual({ 2: 65_535 });
    };
    for (let n = 0; n < PAIR_RATINGS_MAX + 3; n++) once();
    expect(ward.reputation(2)?.count).toBe(1 + PAIR_RATINGS_MAX);
    once(DAY_MS);
    expect(ward.reputation(2)?.count).toBe(2 + PAIR_RATINGS_MAX);
  });

  it('makes a slower hospital win over a quicker one of no repute', () => {
    ward.grants({ min: 1, max: 1 });
    const tarnished = ward.reads();
    ward.answers(1, tarnished, 2 * HOUR_MS);
    ward.passes(WINDOW_MS);
    expect(ward.reputation(1)).toEqual({ sum: 32_768, count: 2 });
    ward.grants({ min: 1, max: 2 });
    const read = ward.reads();
    ward.answers(1, read);
    ward.answers(2, read, 10 * MINUTE_MS);
    ward.passes(WINDOW_MS);
    expect(ward.winner(read)).toBe(2);
  });

  const answerTogether = (read: Hash, numbers: readonly number[]) => {
    const names = numbers.map(hospitalName);
    const payload = (name: string) => ({ answers: [{ read, shareHash: hash(`share of ${name}`) }] });
    ward.together('respond', new Map(names.map((name) => [name, payload(name)])));
    ward.passes(WINDOW_MS);
  };

  it('that counts for a win is the one before the read', () => {
    ward.grants({ holders: [1], min: 1, max: 1 });
    const first = ward.reads();
    ward.answers(1, first, 1_800 * SECOND_MS);
    ward.passes(WINDOW_MS);
    // 32,773 against 32,768; the same rating makes 43,693 of the one and 49,151 of the other.
    ward.grants({ holders: [1, 2], min: 2, max: 2 });
    const read = ward.reads();
    answerTogether(read, [1, 2]);
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 65_535 });
    expect([ward.reputation(1), ward.reputation(2)]).toEqual([
      { sum: 131_081, count: 3 },
      { sum: 98_303, count: 2 },
    ]);
    expect(ward.winner(read)).toBe(1);
  });

  it('like the others leaves the win to the lower address', () => {
    ward.grants({ holders: [1, 2, 3], min: 3, max: 3 });
    const read = ward.reads();
    answerTogether(read, [1, 2, 3]);
    expect(ward.ratings(read)).toEqual({ 1: 65_535, 2: 65_535, 3: 65_535 });
    const lowest = [1, 2, 3].map((n) => toHex(idOf(hospitalName(n)))).sort()[0];
    expect(toHex(ward.evaluation(read).winner as Uint8Array)).toBe(lowest);
  });

  it('wins nothing by itself: nobody wins where all are rated 0', () => {
    ward.grants({ min: 1, max: 1 });
    const read = ward.reads();
    ward.answers(1, read, 2 * HOUR_MS);
    ward.passes(WINDOW_MS);
    expect(ward.evaluation(read)).toMatchObject({ state: 'evaluated', winner: null });
  });
});

describe('the request that the grant answered (Alg. 3)', () => {
  const asked = () => {
    const wish = {
      record: hash('record one') as Uint8Array,
      doctorPublicKey: publicOf(DOCTOR),
      purpose: 'TREAT' as const,
    };
    return ward.act(DOCTOR, 'requestAccess', { ...wish, oraclesMin: 1, oraclesMax: 3 }).transactionId;
  };
  const marked = (request: Uint8Array) => requests.get(ward.tip.view, toHex(request))?.evaluated;

  it('is marked evaluated when a read under the grant is', () => {
    const request = asked();
    ward.grants({ request, min: 1, max: 1 });
    const read = ward.reads();
    ward.answers(1, read);
    expect(marked(request)).toBe(false);
    ward.passes(WINDOW_MS);
    expect(marked(request)).toBe(true);
  });

  it('is not marked by a read that failed', () => {
    const request = asked();
    ward.grants({ request });
    ward.until(ward.reads(), DAY_MS);
    expect(marked(request)).toBe(false);
  });
});

describe('the trail', () => {
  it("shows the patient every claim about a share, and holds a hospital's answers in its own", () => {
    ward.grants();
    const read = ward.reads();
    ward.answers(1, read);
    ward.claims(1, read);
    ward.publishes(1, read);
    const linesOf = (name: string) =>
      ward.blocks
        .flatMap(({ execution }) => execution.audit)
        .filter(({ subject }) => equal(subject, idOf(name)))
        .map(({ entry }) => decodeAuditLine(entry))
        .flatMap((line) => (line.ok ? [`${line.value.kind} ${line.value.purpose}`] : []))
        .slice(-2);
    expect(linesOf(PATIENT)).toEqual(['dispute TREAT', 'publishShare TREAT']);
    expect(linesOf(hospitalName(1))).toEqual(['respond null', 'publishShare TREAT']);
  });
});

describe('the reads of a grant that are open', () => {
  const openOf = (grant: Hash) => openReads.get(ward.tip.view, toHex(grant));

  it('are counted until each is closed, evaluated or failed', () => {
    const grant = ward.grants({ min: 1, max: 1 }).transactionId;
    expect(openOf(grant)).toBeUndefined();
    const [answered, silent] = [ward.reads(), ward.reads()];
    expect(openOf(grant)).toBe(2);
    ward.answers(1, answered);
    ward.passes(WINDOW_MS);
    expect(openOf(grant)).toBe(1);
    ward.until(silent, DAY_MS);
    expect(openOf(grant)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { equal, toHex } from '../../../src/base/bytes.ts';
import { reputationOf } from '../../../src/ledger/evaluation/rating.ts';
import { judgeBlock } from '../../../src/ledger/judge-block.ts';
import { hospitalName, idOf } from '../town.ts';
import { Model } from './model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Ward } from './ward.ts';

const WINDOW_MS = 5 * MINUTE_MS;
const ALL = [1, 2, 3, 4, 5];
const idOfNumber = (n: number): string => toHex(idOf(hospitalName(n)));

/** How long until the next block: seconds mostly, and the borders of every deadline. */
const pauses = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 * SECOND_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 * MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 26 * HOUR_MS }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      SECOND_MS,
      WINDOW_MS - 1,
      WINDOW_MS,
      HOUR_MS - 1,
      HOUR_MS,
      HOUR_MS + 1,
      DAY_MS - 1,
      DAY_MS,
    ),
  },
);
const numbers = fc.integer({ min: 1, max: 5 });
const terms = fc
  .record({
    holders: fc.shuffledSubarray(ALL, { minLength: 1 }),
    min: numbers,
    extra: fc.nat(4),
    uses: numbers,
    lastsMs: fc.constantFrom(HOUR_MS, 30 * DAY_MS),
  })
  .map(({ holders, min, extra, uses, lastsMs }) => {
    const least = Math.min(min, holders.length);
    return { holders, min: least, max: least + extra, uses, lastsMs };
  });
const acts = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constant('answers' as const), n: numbers, read: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('reads' as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('claims' as const), n: numbers, read: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('publishes' as const), n: numbers, read: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('passes' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('grants' as const), terms }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('revokes' as const) }) },
);
type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

const ward = new Ward();
const start = ward.point;

/** The ledger and the model side by side. */
class Pair {
  readonly model = new Model(WINDOW_MS);
  readonly ids = new Map<string, Hash>();

  step(act: Act, pauseMs: number): void {
    const before = ward.tip;
    const nowMs = ward.nowMs + pauseMs;
    const code = this.#act(act, pauseMs, nowMs);
    if (code !== undefined) expect([act, code.ledger]).toEqual([act, code.model]);
    this.model.endOfBlock(ward.tip.header.height, nowMs);
    const { bytes, hash } = ward.blocks.at(-1) as (typeof ward.blocks)[number];
    const judged = judgeBlock(ward.env, before, bytes);
    expect(judged.ok && equal(judged.value.hash, hash)).toBe(true);
    this.#compare();
  }

  #act(act: Act, pauseMs: number, nowMs: number): { ledger: string | null; model: string | null } | undefined {
    if (act.act === 'grants') {
      const { holders, min, max, uses, lastsMs } = act.terms;
      const expiresMs = ward.nowMs + lastsMs;
      // The pause is after the payload is made: where it would end the grant before it begins, it is not made.
      if (expiresMs <= nowMs) return this.#pass(pauseMs);
      const payload = ward.terms(act.terms);
      const receipt = ward.act('the patient', 'grant', payload, pauseMs);
      this.model.grant({ holders: holders.map(idOfNumber), min, max, expiresMs }, uses);
      return { ledger: receipt.code, model: null };
    }
    if (act.act === 'revokes') {
      const receipt = ward.revokes(pauseMs);
      const model = this.model.standing === null ? 'grant.unknown' : null;
      this.model.revoke();
      return { ledger: receipt.code, model };
    }
    if (act.act === 'reads') {
      const receipt = ward.read('Dr B', 'one', 'TREAT', pauseMs);
      const name = `read ${this.ids.size}`;
      const allowed = this.model.read(name, nowMs);
      if (allowed) this.ids.set(name, receipt.transactionId);
      return { ledger: receipt.code, model: allowed ? null : 'policy.denied' };
    }
    if (act.act === 'passes' || this.ids.size === 0) return this.#pass(pauseMs);
    const [name, id] = [...this.ids][act.read % this.ids.size] as [string, Hash];
    const ledger = ward[act.act](act.n, id, pauseMs).code;
    const method = ({ answers: 'answer', claims: 'claim', publishes: 'publish' } as const)[act.act];
    return { ledger, model: this.model[method](name, idOfNumber(act.n), nowMs) };
  }

  #pass(pauseMs: number): undefined {
    ward.passes(pauseMs);
  }

  /** After every block: so a read is closed at the same height by both. */
  #compare(): void {
    for (const read of this.model.reads) {
      const { name, state, ratings, winner } = read;
      const id = this.ids.get(name) as Hash;
      expect([name, ward.knows(id)]).toEqual([name, !this.model.forgotten(read)]);
      if (this.model.forgotten(read)) continue;
      const row = ward.evaluation(id);
      expect([name, row.state]).toEqual([name, state]);
      expect(Object.fromEntries(row.ratings.map(({ hospital, rating }) => [toHex(hospital), rating]))).toEqual(ratings);
      expect(row.winner === null ? null : toHex(row.winner)).toBe(winner);
    }
    expect(ward.usesLeft ?? null).toBe(this.model.usesLeft);
    for (const n of ALL) {
      const row = ward.reputation(n);
      const all = this.model.ratings.get(idOfNumber(n));
      expect(row?.count).toBe(all === undefined ? undefined : all.length + 1);
      if (row !== undefined) expect(BigInt(reputationOf(row))).toBe(this.model.reputation(idOfNumber(n)));
    }
  }
}

/** `EVALUATION_RUNS=2000` for a long one. */
const RUNS = Number(process.env.EVALUATION_RUNS ?? 10);

describe('any course of reads, answers, claims and times', () => {
  it('gives the ratings, reputations, winners, uses, codes and closing heights of an independent model, built and judged', () => {
    const seen = { evaluated: 0, failed: 0, winners: 0, zero: 0 };
    const courses = fc.array(fc.tuple(acts, pauses), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(terms, courses, (first, course) => {
        ward.back(start);
        const pair = new Pair();
        pair.step({ act: 'grants', terms: { ...first, lastsMs: 30 * DAY_MS } }, SECOND_MS);
        pair.step({ act: 'reads' }, SECOND_MS);
        for (const [act, pauseMs] of course) pair.step(act, pauseMs);
        for (let hours = 0; hours < 30; hours += 5) pair.step({ act: 'passes' }, 5 * HOUR_MS);
        for (const { state, winner, ratings } of pair.model.reads) {
          if (state !== 'open') seen[state]++;
          if (winner !== null) seen.winners++;
          seen.zero += Object.values(ratings).filter((rating) => rating === 0).length;
        }
        expect(pair.model.reads.filter(({ state }) => state === 'open')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    // The courses lead to every end.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 12);
  }, 600_000);
});

import { describe, expect, it } from 'vitest';
import type { Hash, TimestampMs } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { setAnswered, setClaimed } from '../../../src/ledger/evaluation/deadlines.ts';
import { KEPT_MS, SWEEP_ENTRIES_MAX } from '../../../src/ledger/evaluation/limits.ts';
import { openEvaluation } from '../../../src/ledger/evaluation/open-evaluation.ts';
import { sweepEvaluations } from '../../../src/ledger/evaluation/sweep.ts';
import { dueEvaluations, evaluationQueues } from '../../../src/ledger/state/evaluation-tables.ts';
import { StateOverlay } from '../../../src/ledger/state/overlay.ts';
import type { Evaluation, GrantRow } from '../../../src/ledger/state/tables.ts';
import { evaluations } from '../../../src/ledger/state/tables.ts';
import { hash, idOf } from '../town.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const HOLDERS = ['hospital 1', 'hospital 2'].map((name) => ({ hospital: idOf(name), fragmentsHash: hash('f') }));
const GRANT = {
  grant: hash('grant'),
  threshold: 1,
  oraclesMin: 1,
  oraclesMax: 2,
  holders: HOLDERS,
} as unknown as GrantRow;

/** A state of nothing but evaluations: the sweep alone, without blocks. */
class Desk {
  readonly state = new StateOverlay({ get: () => undefined });

  open(name: string, readMs: number): Hash {
    const read = hash(name);
    const reading = { transactionId: read, sender: idOf('Dr B'), timestampMs: readMs as TimestampMs };
    openEvaluation(reading, this.state, { owner: idOf('the patient'), grantKey: 'person:x:y', grant: GRANT });
    return read;
  }

  answer(read: Hash, nowMs: number, disputeWindowMs = 300_000): void {
    const before = this.row(read);
    const hospital = (HOLDERS[before.answers.length] as (typeof HOLDERS)[number]).hospital;
    const answer = { hospital, shareHash: read, timestampMs: nowMs as TimestampMs, claim: 'none' as const };
    const moment = { read, nowMs: nowMs as TimestampMs, disputeWindowMs };
    setAnswered(this.state, moment, before, { ...before, answers: [...before.answers, answer] });
  }

  claim(read: Hash, nowMs: number, disputeWindowMs: number): void {
    const before = this.row(read);
    const answers = before.answers.map((answer) => ({ ...answer, claim: 'undelivered' as const }));
    setClaimed(this.state, { read, nowMs: nowMs as TimestampMs, disputeWindowMs }, { ...before, answers });
  }

  row(read: Hash): Evaluation {
    return evaluations.get(this.state, toHex(read)) as Evaluation;
  }

  /** How many were closed at the end of a block of this time. */
  sweep(nowMs: number): number {
    return sweepEvaluations(this.state, nowMs as TimestampMs).length / 2;
  }

  waiting(): number {
    return ['window', 'hour', 'day']
      .map((queue) => evaluationQueues.get(this.state, queue) ?? { first: 0, next: 0 })
      .reduce((sum, { first, next }) => sum + next - first, 0);
  }
}

describe('the sweep at the end of a block', () => {
  it('closes at most SWEEP_ENTRIES_MAX of a queue that nothing joins, and the rest with the next blocks, in their order', () => {
    const desk = new Desk();
    const count = 2 * SWEEP_ENTRIES_MAX + 10;
    const reads = Array.from({ length: count }, (_, i) => desk.open(`read ${i}`, 1_000 + i));
    for (const read of reads) desk.answer(read, 10_000);
    desk.sweep(10_000);
    const closed = [1, 2, 3, 4].map((n) => desk.sweep(HOUR_MS + DAY_MS + n));
    expect(closed).toEqual([SWEEP_ENTRIES_MAX, SWEEP_ENTRIES_MAX, 10, 0]);
    expect(desk.waiting()).toBe(0);
  });

  it('works off a burst while reads join every block: nothing waits for ever, and nothing is lost', () => {
    const desk = new Desk();
    let opened = 0;
    const open = (count: number, readMs: number): void => {
      for (let i = 0; i < count; i++) desk.answer(desk.open(`read ${opened++}`, readMs), readMs + 1_000);
    };
    open(300, 0);
    desk.sweep(1_000);
    let closed = 0;
    const overdue: number[] = [];
    for (let n = 0; n < 6; n++) {
      // Due at once, as if they had joined an hour ago: as many come each block as the bound alone would take in two.
      open(2 * SWEEP_ENTRIES_MAX, n);
      closed += desk.sweep(HOUR_MS + n);
      overdue.push(opened - closed);
    }
    expect(overdue).toEqual([236, 172, 108, 44, 0, 0]);
    const states = Array.from({ length: opened }, (_, i) => desk.row(hash(`read ${i}`)).state);
    expect(new Set(states)).toEqual(new Set(['evaluated']));
  });

  it('never takes fewer than joined: a backlog of overdue ones shrinks by SWEEP_ENTRIES_MAX a block', () => {
    const desk = new Desk();
    for (let i = 0; i < 500; i++) desk.open(`read ${i}`, 0);
    // A block long before they are due.
    desk.sweep(1_000);
    const closedBy = [1, 2, 3, 4].map((n) => {
      for (let i = 0; i < 100; i++) desk.open(`read ${n} ${i}`, 2 * DAY_MS + n);
      return desk.sweep(2 * DAY_MS + n);
    });
    // 'hour' gives 100 + 64 of the old ones to 'day', which are overdue there too.
    expect(closedBy).toEqual([164, 164, 164, 8]);
  });

  it('forgets a closed evaluation when it was kept for its time, and not before', () => {
    const desk = new Desk();
    const read = desk.open('read', 0);
    desk.answer(read, 1_000);
    expect(desk.sweep(HOUR_MS)).toBe(1);
    desk.sweep(HOUR_MS + KEPT_MS - 1);
    expect(desk.row(read).state).toBe('evaluated');
    desk.sweep(HOUR_MS + KEPT_MS);
    expect(desk.row(read)).toBeUndefined();
    const left = [...desk.state.changes].filter(([, value]) => value !== null).map(([key]) => key.split('/')[0]);
    expect(new Set(left)).toEqual(new Set(['evaluation-queue']));
  });

  it('forgets no evaluation that is still open, however late it comes to it', () => {
    const desk = new Desk();
    const read = desk.open('read', 0);
    expect(desk.sweep(30 * DAY_MS)).toBe(1);
    expect(desk.row(read).state).toBe('failed');
  });

  it('closes in the order of the deadlines', () => {
    const desk = new Desk();
    const reads = Array.from({ length: SWEEP_ENTRIES_MAX + 1 }, (_, i) => desk.open(`read ${i}`, 1_000 + i));
    for (const read of reads) desk.answer(read, 10_000);
    desk.sweep(10_000);
    desk.sweep(2 * HOUR_MS);
    expect(reads.map((read) => desk.row(read).state)).toEqual([...Array(SWEEP_ENTRIES_MAX).fill('evaluated'), 'open']);
  });

  it('writes as many rows for one close, whether a hundred evaluations wait or one', () => {
    const written = (others: number): number => {
      const desk = new Desk();
      desk.sweep(0);
      const first = desk.open('first', 0);
      for (let n = 0; n < others; n++) desk.open(`other ${n}`, 1_000);
      desk.answer(first, 10_000);
      const before = new StateOverlay(desk.state);
      sweepEvaluations(before, HOUR_MS as TimestampMs);
      return before.changes.size;
    };
    expect(written(100)).toBe(written(0));
  });

  it('leaves nothing of an evaluation in a queue once it is closed, whichever way it went', () => {
    const desk = new Desk();
    const [quick, hour, late, failed] = ['quick', 'hour', 'late', 'failed'].map((name) => desk.open(name, 0));
    desk.answer(quick as Hash, 1_000);
    desk.answer(quick as Hash, 2_000);
    desk.answer(hour as Hash, 1_000);
    expect(desk.sweep(302_000)).toBe(1);
    expect(desk.sweep(HOUR_MS)).toBe(1);
    desk.answer(late as Hash, DAY_MS - 1_000);
    expect(desk.sweep(DAY_MS)).toBe(1);
    expect(desk.row(failed as Hash).state).toBe('failed');
    expect(desk.sweep(DAY_MS + 299_000)).toBe(1);
    expect(desk.waiting()).toBe(0);
    expect(
      [...desk.state.changes].filter(([key, value]) => /^evaluation-due.(window|hour|day)/.test(key) && value !== null),
    ).toEqual([]);
    expect(dueEvaluations.get(desk.state, 'hour', '0')).toBeUndefined();
  });

  it('closes all when it comes very late, each once', () => {
    const desk = new Desk();
    const reads = ['a', 'b', 'c'].map((name) => desk.open(name, 0));
    desk.answer(reads[0] as Hash, 1_000);
    desk.answer(reads[0] as Hash, 2_000);
    desk.answer(reads[1] as Hash, 3_000);
    expect(desk.sweep(10 * DAY_MS)).toBe(3);
    expect(reads.map((read) => desk.row(read).state)).toEqual(['evaluated', 'evaluated', 'failed']);
    expect(desk.waiting()).toBe(0);
  });

  it('keeps to the window that held when an answer was taken, whatever governance makes of it later', () => {
    const desk = new Desk();
    const [before, after] = [desk.open('before', 0), desk.open('after', 0)];
    for (const at of [1_000, 2_000]) desk.answer(before, at, 600_000);
    for (const at of [3_000, 4_000]) desk.answer(after, at, 60_000);
    expect(desk.row(before).closesMs).toBe(602_000);
    expect(desk.row(after).closesMs).toBe(64_000);
    // What is due sooner waits for what joined the queue before it, at most a window.
    expect(desk.sweep(64_000)).toBe(0);
    expect(desk.sweep(602_000)).toBe(2);
  });

  it('keeps the window of a claim when the last answer comes after governance made windows shorter', () => {
    const desk = new Desk();
    const read = desk.open('read', 0);
    desk.answer(read, 1_000, 300_000);
    desk.claim(read, HOUR_MS - 1_000, 300_000);
    expect(desk.row(read).closesMs).toBe(HOUR_MS + 299_000);
    desk.answer(read, HOUR_MS, 1_000);
    expect(desk.row(read).closesMs).toBe(HOUR_MS + 299_000);
    expect([desk.sweep(HOUR_MS + 298_000), desk.sweep(HOUR_MS + 299_000)]).toEqual([0, 1]);
  });

  it('with a longer window forgets none that the hour would have closed', () => {
    const desk = new Desk();
    const read = desk.open('read', 0);
    desk.answer(read, 1_000, 1_000);
    expect(desk.row(read).closesMs).toBe(HOUR_MS);
    desk.answer(read, 2_000, HOUR_MS);
    expect(desk.row(read).closesMs).toBe(HOUR_MS + 2_000);
    expect([desk.sweep(HOUR_MS), desk.sweep(HOUR_MS + 2_000)]).toEqual([0, 1]);
  });
});

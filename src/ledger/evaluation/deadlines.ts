import type { Hash, TimestampMs } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { StateWriter } from '../state/table.ts';
import { type Evaluation, evaluations } from '../state/tables.ts';
import { enqueue } from './queues.ts';

/** With enough answers an evaluation closes no sooner, but for Omax answers. */
export const HOUR_MS = 3_600_000;
/** Without enough answers it fails, and no answer is taken later. */
export const DAY_MS = 86_400_000;

export const isFull = ({ answers, oraclesMax }: Evaluation): boolean => answers.length >= oraclesMax;
export const hasEnough = ({ answers, oraclesMin }: Evaluation): boolean => answers.length >= oraclesMin;
/** Whether claims and published shares are still taken in a block of this time, swept or not. */
export const isOpen = ({ state, closesMs }: Evaluation, nowMs: number): boolean =>
  state === 'open' && nowMs <= closesMs;

/** Where and when a change of an evaluation happens. */
export interface Moment {
  readonly read: Hash;
  readonly nowMs: TimestampMs;
  readonly disputeWindowMs: number;
}

/**
 * Writes an evaluation with one answer more, and when it closes then (T-63). Where something was claimed, the last answer closes it no sooner than
 * before: who was claimed against keeps the window that was promised, also where governance has made it shorter since.
 */
export const setAnswered = (state: StateWriter, moment: Moment, before: Evaluation, after: Evaluation): void => {
  const leastMs = isFull(after) ? 0 : after.readMs + HOUR_MS;
  const promisedMs = isDisputed(before) && hasEnough(before) ? before.closesMs : 0;
  setClosing(state, moment, after, Math.max(leastMs, promisedMs));
};

const isDisputed = ({ answers }: Evaluation): boolean => answers.some(({ claim }) => claim !== 'none');

/** Writes one with a claim or a published share more: who has to answer that has the whole window for it. */
export const setClaimed = (state: StateWriter, moment: Moment, after: Evaluation): void =>
  setClosing(state, moment, after, after.closesMs);

/** Never sooner than `leastMs`, nor than the window after this moment. Without enough answers it stays at the day's end. */
function setClosing(state: StateWriter, moment: Moment, after: Evaluation, leastMs: number): void {
  const { read, nowMs, disputeWindowMs } = moment;
  const windowMs = nowMs + disputeWindowMs;
  const closesMs = (hasEnough(after) ? Math.max(leastMs, windowMs) : after.closesMs) as TimestampMs;
  evaluations.set(state, { ...after, closesMs }, toHex(read));
  // Where the hour decides, its queue holds the read already: it comes to it no sooner.
  if (hasEnough(after) && closesMs === windowMs) enqueue(state, 'window', read, closesMs);
}

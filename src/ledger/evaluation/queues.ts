import { assert } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import { dueEvaluations, evaluationQueues } from '../state/tables.ts';
import { SWEEP_ENTRIES_MAX } from './limits.ts';

/*
 * The deadline index. What joins a queue is due a constant time after the block that brought it, and block times only rise: so the first
 * in is the first due, and a queue is two numbers and its items. `window` alone has a parameter for its constant: where governance made it
 * shorter, what joined before is still due later, and those behind it wait for it, at most an hour.
 */

/** One hour after the read; `disputeWindowMs` after what was taken last; one day after the read. */
export type Queue = 'hour' | 'window' | 'day';

const boundsOf = (state: StateReader, queue: Queue) => evaluationQueues.get(state, queue) ?? { first: 0, next: 0 };

export function enqueue(state: StateWriter, queue: Queue, read: Hash, dueMs: number): void {
  const { first, next } = boundsOf(state, queue);
  dueEvaluations.set(state, { read, dueMs }, queue, String(next));
  evaluationQueues.set(state, { first, next: next + 1 }, queue);
}

/** Takes out those that are due, the first `SWEEP_ENTRIES_MAX` of them. */
export function takeDue(state: StateWriter, queue: Queue, nowMs: number): readonly Hash[] {
  const { first, next } = boundsOf(state, queue);
  const taken: Hash[] = [];
  for (let n = first; n < next && taken.length < SWEEP_ENTRIES_MAX; n++) {
    const item = dueEvaluations.get(state, queue, String(n));
    assert(item !== undefined, 'what waits in a queue is kept');
    if (item.dueMs > nowMs) break;
    dueEvaluations.delete(state, queue, String(n));
    taken.push(item.read as Hash);
  }
  if (taken.length > 0) evaluationQueues.set(state, { first: first + taken.length, next }, queue);
  return taken;
}

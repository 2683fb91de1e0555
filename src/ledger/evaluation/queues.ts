import { assert } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { dueEvaluations, evaluationQueues } from '../state/evaluation-tables.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import { SWEEP_ENTRIES_MAX } from './limits.ts';

/*
 * The deadline index. What joins a queue is due a constant time after the block that brought it, and block times only rise: so the first
 * in is the first due, and a queue is two numbers and its items. `window` alone has a parameter for its constant: where governance made it
 * shorter, what joined before is still due later, and those behind it wait for it, at most an hour.
 */

/** One hour after the read; `disputeWindowMs` after what was taken last; one day after the read; `KEPT_MS` after it closed. */
export type Queue = 'hour' | 'window' | 'day' | 'kept';

const boundsOf = (state: StateReader, queue: Queue) =>
  evaluationQueues.get(state, queue) ?? { first: 0, next: 0, swept: 0 };

export function enqueue(state: StateWriter, queue: Queue, read: Hash, dueMs: number): void {
  const bounds = boundsOf(state, queue);
  dueEvaluations.set(state, { read, dueMs }, queue, String(bounds.next));
  evaluationQueues.set(state, { ...bounds, next: bounds.next + 1 }, queue);
}

/**
 * Takes out those that are due: the first `SWEEP_ENTRIES_MAX` of them, and one more for each that joined since the last sweep. So the work of a
 * block is in proportion to what its transactions brought, and a queue whose items are due gets shorter, however many come.
 */
export function takeDue(state: StateWriter, queue: Queue, nowMs: number): readonly Hash[] {
  const { first, next, swept } = boundsOf(state, queue);
  const most = SWEEP_ENTRIES_MAX + next - swept;
  const taken: Hash[] = [];
  for (let n = first; n < next && taken.length < most; n++) {
    const item = dueEvaluations.get(state, queue, String(n));
    assert(item !== undefined, 'what waits in a queue is kept');
    if (item.dueMs > nowMs) break;
    dueEvaluations.delete(state, queue, String(n));
    taken.push(item.read as Hash);
  }
  if (taken.length > 0 || next !== swept)
    evaluationQueues.set(state, { first: first + taken.length, next, swept: next }, queue);
  return taken;
}

/** The reads of all open evaluations, in hexadecimal; some twice, and some that are closed by now. Those that closed long ago are in none of these queues. */
export function* waitingReads(state: StateReader): Generator<string> {
  for (const queue of ['window', 'hour', 'day'] as const) {
    const { first, next } = boundsOf(state, queue);
    for (let n = first; n < next; n++) {
      const item = dueEvaluations.get(state, queue, String(n));
      if (item !== undefined) yield toHex(item.read);
    }
  }
}

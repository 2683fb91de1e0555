import type { Hash, TimestampMs } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { event } from '../families/kind.ts';
import type { LedgerEvent } from '../receipt.ts';
import type { StateWriter } from '../state/table.ts';
import { evaluations } from '../state/tables.ts';
import { closeEvaluation } from './close-evaluation.ts';
import { DAY_MS, hasEnough } from './deadlines.ts';
import { KEPT_MS } from './limits.ts';
import { enqueue, type Queue, takeDue } from './queues.ts';
import { stillOpens } from './still-opens.ts';

/** `hour` before `day`: what the first finds without enough answers joins the second. What any of them closes joins `kept`. */
const QUEUES: readonly Queue[] = ['window', 'hour', 'day', 'kept'];

/**
 * At the end of a block of this time: closes what is due (T-66), by the index and not by hoping for one more answer, and forgets what closed long
 * ago (T-69). Work is bounded; what is left over is the next block's, and takes nothing in the meantime.
 */
export function sweepEvaluations(state: StateWriter, nowMs: TimestampMs): readonly LedgerEvent[] {
  return QUEUES.flatMap((queue) => takeDue(state, queue, nowMs).flatMap((read) => visit(state, queue, read, nowMs)));
}

/**
 * An evaluation that is not due when a queue comes to it is due in a later entry: of `window`, where something was taken that keeps it
 * open; of `day`, where too few have answered yet.
 */
function visit(state: StateWriter, queue: Queue, read: Hash, nowMs: TimestampMs): readonly LedgerEvent[] {
  const before = evaluations.get(state, toHex(read));
  if (queue === 'kept') evaluations.delete(state, toHex(read));
  if (before === undefined || before.state !== 'open') return [];
  if (before.closesMs > nowMs) {
    if (queue === 'hour' && !hasEnough(before)) enqueue(state, 'day', read, before.readMs + DAY_MS);
    return [];
  }
  const closed = closeEvaluation(state, before, { nowMs, stillOpens: stillOpens(state, read) });
  evaluations.set(state, closed, toHex(read));
  enqueue(state, 'kept', read, nowMs + KEPT_MS);
  const name = closed.state === 'evaluated' ? 'ReadEvaluated' : 'ReadFailed';
  return [event(name, closed.owner, read), event(name, closed.reader, read)];
}

import * as shape from '../../base/shape.ts';
import { table } from './table.ts';

/** What evaluations are waited for, counted and rated by: rows beside `evaluation/` itself. docs/specification/state-keys.md says the same. */

/** grant-reads/<transaction id of the grant> → its reads whose evaluation is open; absent where none is */
export const openReads = table<number, [grant: string]>('grant-reads', shape.uint());
const pairRatingsShape = shape.struct({ sinceMs: shape.timestampShape, count: shape.uint() });
/** pair-ratings/<owner>/<reader> → how many reads of this pair moved reputations since then (T-66) */
export const pairRatings = table<shape.Shaped<typeof pairRatingsShape>, [owner: string, reader: string]>(
  'pair-ratings',
  pairRatingsShape,
);
const evaluationQueueShape = shape.struct({
  first: shape.uint(),
  next: shape.uint(),
  /** What `next` was at the end of the last block that took from it: what joined since is counted by this. */
  swept: shape.uint(),
});
/** evaluation-queue/<queue> → items `first` to `next` − 1 of it wait; evaluation-due/<queue>/<n> → the nth of them */
export const evaluationQueues = table<shape.Shaped<typeof evaluationQueueShape>, [queue: string]>(
  'evaluation-queue',
  evaluationQueueShape,
);
export const dueEvaluations = table<{ readonly read: Uint8Array; readonly dueMs: number }, [queue: string, n: string]>(
  'evaluation-due',
  shape.struct({ read: shape.hash, dueMs: shape.timestampShape }),
);

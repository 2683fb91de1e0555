import * as shape from '../../base/shape.ts';
import { findingShape, recordIdShape } from '../vocabulary.ts';
import { table } from './table.ts';

/** Rows of emergency desks and of the reviews that breaks of the glass wait for. docs/specification/state-keys.md says the same. */

const deskShape = shape.struct({ receivingKey: shape.publicKey, sinceHeight: shape.heightShape });
export type Desk = shape.Shaped<typeof deskShape>;
/** desk/<hospital> → the key of its emergency desk, and the block that brought it: grants up to that block are for an earlier one */
export const desks = table<Desk, [hospital: string]>('desk', deskShape);
export const reviewShape = shape.struct({
  record: recordIdShape,
  owner: shape.address,
  /** Who broke the glass, and at which hospital's desk. */
  reader: shape.address,
  desk: shape.address,
  /** The desk's key at that moment: what the shares of the read are for. */
  receivingKey: shape.publicKey,
  height: shape.heightShape,
  timestampMs: shape.timestampShape,
  status: shape.oneOf('open', 'closed'),
  /** Null while open, as who closed it and when. */
  finding: shape.nullable(findingShape),
  closedBy: shape.nullable(shape.address),
  closedHeight: shape.nullable(shape.heightShape),
});
export type ReviewRow = shape.Shaped<typeof reviewShape>;
/** review/<transaction id of the read> → the review that a break of the glass waits for, for ever */
export const reviews = table<ReviewRow, [read: string]>('review', reviewShape);
/** review-waiting/<transaction id of the read> → the height of the break, while its review is open: what reviewers list */
export const waitingReviews = table<number, [read: string]>('review-waiting', shape.uint());
/** review-count/<reader or desk's hospital> → its open reviews; absent where there is none */
export const reviewCounts = table<number, [id: string]>('review-count', shape.uint());

import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import { ok, refuse } from '../../base/result.ts';
import { reviewUid } from '../principal.ts';
import { reviewCounts, reviews, waitingReviews } from '../state/desk-tables.ts';
import type { StateWriter } from '../state/table.ts';
import { event, type Kind, NO_CONCERN, NO_SIGNATURES } from './kind.ts';

/**
 * Another hospital says whether the glass was rightly broken: which one may, policies say. What it finds is a word of the chain, told to patient
 * and reader; what follows from it is for people. A review that nobody closes stays, and only stands in the way of further breaks.
 */
export const closeReview: Kind<'closeReview'> = {
  signatures: NO_SIGNATURES,
  asks: (_setting, _state, { read }) => [{ resource: reviewUid(read), context: {} }],
  concern: (_setting, state, { read }) => {
    const row = reviews.get(state, toHex(read));
    return row === undefined ? NO_CONCERN : { owner: row.owner, record: row.record, purpose: 'BTG' };
  },
  apply: (setting, state, { read, finding }) => {
    const id = toHex(read);
    const row = reviews.get(state, id);
    if (row === undefined) return refuse('review.unknown');
    if (row.status !== 'open') return refuse('review.closed');
    const { sender: closedBy, height: closedHeight } = setting;
    reviews.set(state, { ...row, status: 'closed', finding, closedBy, closedHeight }, id);
    waitingReviews.delete(state, id);
    lower(state, row.reader);
    lower(state, row.desk);
    return ok([row.owner, row.reader, row.desk].map((told) => event('ReviewClosed', told, read)));
  },
};

function lower(state: StateWriter, id: Uint8Array): void {
  const before = reviewCounts.get(state, toHex(id)) ?? 0;
  assert(before > 0, 'an open review is counted');
  if (before === 1) reviewCounts.delete(state, toHex(id));
  else reviewCounts.set(state, before - 1, toHex(id));
}

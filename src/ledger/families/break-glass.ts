import { equal, toHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { SealedReason } from '../../crypto/break-glass-reason.ts';
import { type EntityUid, record } from '../../vm/index.ts';
import type { LedgerCode } from '../codes.ts';
import type { LedgerEvent } from '../receipt.ts';
import { desks, reviewCounts, reviews, waitingReviews } from '../state/desk-tables.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import { type GrantRow, hospitals, participants } from '../state/tables.ts';
import { askUnder } from './grant-asks.ts';
import { type ApplySetting, type Ask, event, type Setting } from './kind.ts';
import type { PermittedRead } from './read-record.ts';

/** Whose desk it is: the reader's own hospital. Somebody without one has no desk either. */
const deskOf = (setting: Setting, state: StateReader): Uint8Array =>
  participants.get(state, toHex(setting.sender))?.home ?? setting.sender;

const openReviewsOf = (state: StateReader, id: Uint8Array): number => reviewCounts.get(state, toHex(id)) ?? 0;

/** The one question of a break of the glass: under the patient's grant to the desk, with what the reader and the desk still answer for. */
export function deskAsk(
  setting: Setting,
  state: StateReader,
  about: { readonly resource: EntityUid; readonly category: Uint8Array | null; readonly purpose: string },
): Ask {
  const desk = deskOf(setting, state);
  const reader = BigInt(openReviewsOf(state, setting.sender));
  const openReviews = record({ reader, desk: BigInt(openReviewsOf(state, desk)) });
  const context = { purpose: about.purpose, openReviews };
  return {
    ...askUnder({ type: 'desk', id: toHex(desk) }, setting, about.resource, about.category, context),
    path: 'desk',
  };
}

/**
 * Permitted by a grant to the desk: the patient is alerted, and a review waits for another hospital (F50). The review names the key that the
 * shares are for: should the desk's be replaced meanwhile, holders and judge still find the one of this read.
 */
export function breakGlass(
  setting: ApplySetting,
  state: StateWriter,
  { payload, row }: PermittedRead,
  grant: GrantRow | undefined,
): Result<readonly LedgerEvent[], LedgerCode> {
  const desk = deskOf(setting, state);
  const key = desks.get(state, toHex(desk));
  // Fragments for a key that the desk had before open nothing: the patient's device grants anew.
  if (grant === undefined || key === undefined || grant.grantedHeight <= key.sinceHeight)
    return refuse('read.no-fragments');
  if (payload.reason === undefined || !isReadable(state, { reason: payload.reason, owner: row.owner, desk }))
    return refuse('break-glass.reason');
  const { sender: reader, height, timestampMs, transactionId: read } = setting;
  reviews.set(
    state,
    {
      record: payload.record,
      owner: row.owner,
      reader,
      desk: desk as typeof reader,
      receivingKey: key.receivingKey,
      height,
      timestampMs,
      status: 'open',
      finding: null,
      closedBy: null,
      closedHeight: null,
    },
    toHex(read),
  );
  waitingReviews.set(state, height, toHex(read));
  for (const id of [reader, desk]) reviewCounts.set(state, openReviewsOf(state, id) + 1, toHex(id));
  return ok([event('GlassBroken', row.owner, read), event('GlassBroken', desk as typeof reader, read)]);
}

/** The patient can open it, and so can a hospital that may review: nobody answers for words that no one reads. */
function isReadable(
  state: StateReader,
  { reason, owner, desk }: { readonly reason: SealedReason; readonly owner: Uint8Array; readonly desk: Uint8Array },
): boolean {
  const readers = new Set(reason.boxes.map(({ to }) => toHex(to)));
  const reviewers = reason.boxes.filter(
    ({ to }) => !equal(to, desk) && hospitals.get(state, toHex(to))?.status === 'active',
  );
  return readers.size === reason.boxes.length && readers.has(toHex(owner)) && reviewers.length > 0;
}

import type { Address, TimestampMs } from '../../base/brand.ts';
import { compareBytes, equal, toHex } from '../../base/bytes.ts';
import { openReads, pairRatings } from '../state/evaluation-tables.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import {
  type Answer,
  answeredRequests,
  type Evaluation,
  type GrantRow,
  grants,
  hospitals,
  type Rated,
  reputations,
  requests,
} from '../state/tables.ts';
import { hasEnough, isFull } from './deadlines.ts';
import { PAIR_RATINGS_MAX, PAIR_WINDOW_MS } from './limits.ts';
import { NO_RATINGS, type Ratings, ratingOf, reputationOf, scoreOf } from './rating.ts';

/** `evaluateOracles` (F35): rates the holders, names the winner, and settles what depends on how the read ended. */
export function closeEvaluation(
  state: StateWriter,
  open: Evaluation,
  { nowMs, stillOpens }: { readonly nowMs: TimestampMs; readonly stillOpens: boolean },
): Evaluation {
  const grant = grantBehind(state, open);
  const grantStands = grant !== undefined && grant.expires > nowMs;
  const owesShares = stillOpens && grantStands;
  const ratings = ratingsOf(state, open, { ratesSilence: owesShares && !isFull(open), owesShares });
  // By the reputations before this read: what is compared is what hospitals brought to it.
  const winner = hasEnough(open) ? winnerOf(state, ratings) : null;
  if (ratings.length > 0 && movesReputations(state, open)) for (const rated of ratings) addRating(state, rated);
  countClosed(state, open);
  if (hasEnough(open)) markRequest(state, open);
  else if (grant !== undefined) giveBack(state, open, grant);
  return { ...open, state: hasEnough(open) ? 'evaluated' : 'failed', ratings, winner };
}

/** The grant that opened the read, where neither a revocation ended it nor a later grant replaced it. */
function grantBehind(state: StateReader, { owner, grantKey, grant }: Evaluation): GrantRow | undefined {
  const row = grants.get(state, toHex(owner), grantKey);
  return row !== undefined && equal(row.grant, grant) ? row : undefined;
}

/**
 * Of active holders: who answered, by latency, and 0 where the reader had the share proved wrong, or never got it. Who was silent gets 0,
 * but not where enough others were quicker, nor where the grant has ended: then silence is what honest holders owe (PRIVACY.md, "A record", 5).
 * Where the grant has ended or the envelope was erased, nobody is rated whose share the reader misses: honest holders can make none again.
 */
function ratingsOf(
  state: StateReader,
  open: Evaluation,
  { ratesSilence, owesShares }: { readonly ratesSilence: boolean; readonly owesShares: boolean },
): readonly Rated[] {
  return open.holders.flatMap(({ hospital }): readonly Rated[] => {
    if (hospitals.get(state, toHex(hospital))?.status !== 'active') return [];
    const answer = open.answers.find((each) => equal(each.hospital, hospital));
    if (answer === undefined) return ratesSilence ? [{ hospital, rating: 0 }] : [];
    if (!owesShares && answer.claim === 'undelivered') return [];
    return [{ hospital, rating: isRight(answer) ? ratingOf(answer.timestampMs - open.readMs) : 0 }];
  });
}

/** c of Alg. 3. */
const isRight = ({ claim }: Answer): boolean => claim === 'none' || claim === 'published';

const ratingsBefore = (state: StateReader, hospital: Address): Ratings =>
  reputations.get(state, toHex(hospital)) ?? NO_RATINGS;

/** The highest score; of equal ones the lower address. Nobody, where all are 0. */
function winnerOf(state: StateReader, ratings: readonly Rated[]): Address | null {
  const scored = ratings
    .map(({ hospital, rating }) => ({
      hospital,
      score: scoreOf(rating, reputationOf(ratingsBefore(state, hospital))),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || compareBytes(a.hospital, b.hospital));
  return scored[0]?.hospital ?? null;
}

/**
 * One owner and one reader move reputations so many times in a window: a patient and a doctor who read the same record all day would otherwise
 * rate whom they like as often as they like (docs/threat-model.md, "Reputation").
 */
function movesReputations(state: StateWriter, { owner, reader, readMs }: Evaluation): boolean {
  const pair: [string, string] = [toHex(owner), toHex(reader)];
  const before = pairRatings.get(state, ...pair);
  const within = before !== undefined && readMs < before.sinceMs + PAIR_WINDOW_MS;
  if (within && before.count >= PAIR_RATINGS_MAX) return false;
  pairRatings.set(state, within ? { ...before, count: before.count + 1 } : { sinceMs: readMs, count: 1 }, ...pair);
  return true;
}

function addRating(state: StateWriter, { hospital, rating }: Rated): void {
  const { sum, count } = ratingsBefore(state, hospital);
  reputations.set(state, { sum: sum + rating, count: count + 1 }, toHex(hospital));
}

/** Holders of a grant that is used up keep its fragments until its last read is closed: they may owe a share, and a use may come back. */
function countClosed(state: StateWriter, { grant }: Evaluation): void {
  const left = (openReads.get(state, toHex(grant)) ?? 1) - 1;
  if (left > 0) openReads.set(state, left, toHex(grant));
  else openReads.delete(state, toHex(grant));
}

/** Alg. 3 marks the request: here the one that the grant answered, once a read under it was evaluated. */
function markRequest(state: StateWriter, { grant }: Evaluation): void {
  const id = answeredRequests.get(state, toHex(grant));
  const request = id === undefined ? undefined : requests.get(state, toHex(id));
  if (id === undefined || request === undefined || request.evaluated) return;
  requests.set(state, { ...request, evaluated: true }, toHex(id));
}

/** A read that opened nothing is none of those that the patient allowed. */
function giveBack(state: StateWriter, { owner, grantKey }: Evaluation, grant: GrantRow): void {
  if (grant.usesLeft !== null) grants.set(state, { ...grant, usesLeft: grant.usesLeft + 1 }, toHex(owner), grantKey);
}

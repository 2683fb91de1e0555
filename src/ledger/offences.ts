import type { Hash, Height } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { decodeEvidence, evidenceHeight, evidenceId, verifyEvidence } from '../consensus/evidence.ts';
import type { LedgerEnv } from './chain.ts';
import { parametersOf } from './parameters-of.ts';
import type { StateReader, StateWriter } from './state/table.ts';
import { type EvidenceBook, epochRows, evidenceBooks, evidenceOrder, evidenceRows, pastSets } from './state/tables.ts';
import { epochOf, pastSetOf, setAt } from './validator-sets.ts';

/** Rows that the end of one block forgets at most: more than a block may add, so that what expired is soon gone. */
const OFFENCES_FORGOTTEN_MAX = 64;
const SETS_FORGOTTEN_MAX = 8;

const EMPTY_BOOK: EvidenceBook = { floor: 0 as Height, first: 0, next: 0 };
const bookOf = (state: StateReader): EvidenceBook => evidenceBooks.get(state, 'evidence') ?? EMPTY_BOOK;

/** The lowest height whose votes a block of `height` may show. It never falls, whatever becomes of the parameter. */
const floorOf = (env: LedgerEnv, state: StateReader, height: Height): Height =>
  Math.max(bookOf(state).floor, height - parametersOf(env, state).evidenceExpiryHeights) as Height;

/**
 * The id of the offence that these bytes prove to a block of `height` on `state`, in hex; `undefined` where they prove none (B-6). The
 * votes are verified against the set that decided their heights. A simplex view belongs to one epoch, so both heights must.
 */
export function provenOffence(
  env: LedgerEnv,
  state: StateReader,
  height: Height,
  bytes: Uint8Array,
): string | undefined {
  const decoded = decodeEvidence(bytes);
  if (!decoded.ok || decoded.value.engine !== env.genesis.engine) return undefined;
  const evidence = decoded.value;
  const newest = Math.max(evidence.first.height, evidence.second.height) as Height;
  if (newest > height || newest < floorOf(env, state, height)) return undefined;
  const epoch = setAt(env, state, evidenceHeight(evidence));
  if (epoch === undefined || setAt(env, state, evidence.second.height)?.number !== epoch.number) return undefined;
  const proven = verifyEvidence(env.primitives, env.chainId, epoch.validators, evidence);
  return proven.ok ? toHex(evidenceId(env.primitives, evidence)) : undefined;
}

/** An offence is written once: a second proof of it is no evidence any more, and false is said. */
export function recordOffence(state: StateWriter, height: Height, id: string): boolean {
  if (evidenceRows.get(state, id) !== undefined) return false;
  const book = bookOf(state);
  evidenceRows.set(state, height, id);
  evidenceOrder.set(state, fromHex(id) as Hash, String(book.next));
  evidenceBooks.set(state, { ...book, next: book.next + 1 }, 'evidence');
  return true;
}

/**
 * At the end of block `height`: forgets offences and past sets that no evidence can name any more (B-24). An offence shown at a height
 * below the floor is of votes below it. The floor is kept with what is forgotten: were the parameter raised later, what is gone from
 * here could not be told from what never was.
 */
export function forgetExpired(env: LedgerEnv, state: StateWriter, height: Height): void {
  const floor = floorOf(env, state, height);
  const first = forgetOffences(state, floor);
  const oldest = forgetSets(state, floor);
  const book = bookOf(state);
  const epoch = epochOf(state);
  if (first === book.first && oldest === epoch.oldest) return;
  evidenceBooks.set(state, { ...book, first, floor }, 'evidence');
  if (oldest !== epoch.oldest) epochRows.set(state, { ...epoch, oldest }, 'epoch');
}

/** In the order in which they were shown: the number of the first that is kept. */
function forgetOffences(state: StateWriter, floor: Height): number {
  const { first, next } = bookOf(state);
  let kept = first;
  while (kept < next && kept - first < OFFENCES_FORGOTTEN_MAX) {
    const id = toHex(evidenceOrder.get(state, String(kept)) ?? new Uint8Array(0));
    if ((evidenceRows.get(state, id) ?? 0) >= floor) break;
    evidenceRows.delete(state, id);
    evidenceOrder.delete(state, String(kept));
    kept++;
  }
  return kept;
}

/** A past set is of use while its last height, the one before the next epoch, is not below the floor. */
function forgetSets(state: StateWriter, floor: Height): number {
  const { number, since, oldest } = epochOf(state);
  let kept = oldest;
  while (kept < number && kept - oldest < SETS_FORGOTTEN_MAX) {
    const next = kept + 1 === number ? since : pastSetOf(state, kept + 1).since;
    if (next > floor) break;
    pastSets.delete(state, String(kept));
    kept++;
  }
  return kept;
}

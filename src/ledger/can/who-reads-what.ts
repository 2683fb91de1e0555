import type { Address } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerEnv } from '../chain.ts';
import type { LedgerCode } from '../codes.ts';
import type { StateReader } from '../state/table.ts';
import { grants, hospitals, participants, records } from '../state/tables.ts';
import { PURPOSES, type Purpose } from '../vocabulary.ts';
import { couldRead, type Moment, readAsks } from './could-read.ts';
import { CAN_LIMITS } from './limits.ts';
import { opensOnlyByGrant } from './only-by-grant.ts';
import type { StateRows } from './state-rows.ts';

/** A purpose for which a read would be permitted now, and the policies that permit it. */
export interface OpenPurpose {
  readonly purpose: Purpose;
  readonly policies: readonly string[];
}

export interface ReadableRecord {
  readonly record: Uint8Array;
  readonly owner: Address;
  readonly purposes: readonly OpenPurpose[];
}

export interface RecordReader {
  readonly principal: Address;
  readonly purposes: readonly OpenPurpose[];
}

/** Part of an answer. It may be empty and still have a next one: rows are looked through, and few of them count. */
export interface CanPage<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null where nothing is left. */
  readonly next: string | null;
}

export interface CanPlace {
  readonly after: string | null;
  /** Rows to look through, at most `CAN_LIMITS.scannedRowsMax`. */
  readonly limit: number;
}

/** Below which keys each list looks, in the order of their bytes: a state that must be listed ahead is listed there. */
export const LOOKED_THROUGH = {
  readableRecords: [records.key('')],
  recordReaders: [hospitals.key(''), participants.key('')],
} as const;

/**
 * The purposes for which a principal could read a record now, each answered by the engine and by the patient's own policies.
 * Nothing is asked where no answer could be yes.
 */
export function openPurposes(
  env: LedgerEnv,
  state: StateReader,
  moment: Moment,
  principal: Address,
  record: Uint8Array,
): readonly OpenPurpose[] {
  if (!isCandidate(env, state, moment, principal, record)) return [];
  return PURPOSES.flatMap((purpose) => {
    const { allowed, reasons } = couldRead(env, state, moment, { principal, record, purpose });
    return allowed ? [{ purpose, policies: reasons }] : [];
  });
}

/** The owner, who acts for him, and whom a grant of his covers in this category, whatever it says; everybody where policies open otherwise. */
function isCandidate(
  env: LedgerEnv,
  state: StateReader,
  moment: Moment,
  principal: Address,
  record: Uint8Array,
): boolean {
  if (!opensOnlyByGrant(env, state)) return true;
  const row = records.get(state, toHex(record));
  if (row === undefined) return false;
  const owner = toHex(row.owner);
  if (owner === toHex(principal)) return true;
  // Which grants could cover is the same for every purpose but break-glass, which has one of its own.
  const asked = (['TREAT', 'BTG'] as const).flatMap((purpose) =>
    readAsks(env, state, moment, { principal, record, purpose }),
  );
  return asked.some(
    ({ grantKey, path }) =>
      path === 'guardian' || (grantKey !== undefined && grants.get(state, owner, grantKey) !== undefined),
  );
}

/** The records that a principal could read now, in the order of their ids. */
export const readableRecords = (
  env: LedgerEnv,
  state: StateRows,
  moment: Moment,
  principal: Address,
  place: CanPlace,
): Result<CanPage<ReadableRecord>, LedgerCode> =>
  lookThrough(state, LOOKED_THROUGH.readableRecords, place, (id) => {
    const record = fromHex(id);
    const owner = records.get(state, id)?.owner;
    if (record === undefined || owner === undefined) return undefined;
    const purposes = openPurposes(env, state, moment, principal, record);
    return purposes.length === 0 ? undefined : { record, owner, purposes };
  });

/** Who could read a record now: hospitals first, then persons, each in the order of their ids. */
export const recordReaders = (
  env: LedgerEnv,
  state: StateRows,
  moment: Moment,
  record: Uint8Array,
  place: CanPlace,
): Result<CanPage<RecordReader>, LedgerCode> =>
  lookThrough(state, LOOKED_THROUGH.recordReaders, place, (id) => {
    const principal = fromHex(id) as Address | undefined;
    if (principal === undefined) return undefined;
    const purposes = openPurposes(env, state, moment, principal, record);
    return purposes.length === 0 ? undefined : { principal, purposes };
  });

/** One page over the rows below `prefixes`, which stand in the order of their bytes: the last key looked at says where it ended. */
function lookThrough<T>(
  state: StateRows,
  prefixes: readonly string[],
  { after, limit }: CanPlace,
  answer: (id: string) => T | undefined,
): Result<CanPage<T>, LedgerCode> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > CAN_LIMITS.scannedRowsMax)
    return refuse('can.page-size', { most: CAN_LIMITS.scannedRowsMax });
  const first = after === null ? 0 : prefixes.findIndex((prefix) => after.startsWith(prefix));
  if (first < 0) return refuse('can.page-place');
  const items: T[] = [];
  let last: string | null = after;
  let left = limit;
  for (const prefix of prefixes.slice(first)) {
    const keys = state.keys(prefix, last?.startsWith(prefix) === true ? last : null, left);
    for (const key of keys) {
      const item = answer(key.slice(prefix.length));
      if (item !== undefined) items.push(item);
      last = key;
    }
    left -= keys.length;
    if (left === 0) return ok({ items, next: last });
  }
  return ok({ items, next: null });
}

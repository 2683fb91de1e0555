import type { Hash } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import type { RecordVersion } from '../ledger/record-version.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { contents, delegatingKeys, type RecordRow, records, recordVersions } from '../ledger/state/tables.ts';

/** A record's bytes off the chain, as the chain names them. */
export interface RecordBytes {
  readonly cid: Uint8Array;
  readonly envelopeHash: Hash;
}

export const bytesOf = ({ cid, envelopeHash }: RecordRow): RecordBytes => ({
  cid,
  envelopeHash: envelopeHash as Hash,
});

export const recordIdOf = (record: string): Uint8Array => fromHex(record) ?? new Uint8Array(0);

/** The rows of all versions, whatever became of the record; the newest first. */
export function* allVersions(state: StateReader, record: string): Generator<RecordRow> {
  const newest = records.get(state, record);
  if (newest === undefined) return;
  yield newest;
  for (let version = newest.version - 1; version >= 1; version--) {
    const row = recordVersions.get(state, record, String(version));
    if (row !== undefined) yield row;
  }
}

export const isShredded = (state: StateReader, record: string): boolean =>
  records.get(state, record)?.status === 'shredded';

/** Whether the content is one that a shredded record had, in any of its versions. */
export function isShreddedContent(state: StateReader, cid: Uint8Array): boolean {
  const holder = contents.get(state, toHex(cid));
  return holder !== undefined && isShredded(state, toHex(holder));
}

/**
 * Whether an envelope of this epoch can still take the place of the one that stands: the ledger lets only the newest version have another, of the
 * category's current epoch, and once in an epoch (ADR 0021).
 */
export function mayBeRewrapped(state: StateReader, of: RecordVersion, epoch: number): boolean {
  const row = records.get(state, of.record);
  if (row?.status !== 'live' || row.version !== of.version) return false;
  const current = delegatingKeys.get(state, toHex(row.owner), toHex(row.category))?.epoch ?? 0;
  return epoch > row.epoch && epoch >= current;
}

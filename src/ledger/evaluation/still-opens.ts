import type { Hash } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { standingVersion } from '../record-version.ts';
import type { StateReader } from '../state/table.ts';
import { reads } from '../state/tables.ts';

/**
 * Whether a read can still be answered, and its answers judged: the record lives, and the envelope is the one that was read. Once it is
 * erased, no holder can make a share of it, publish one again, or show that it was right.
 */
export function stillOpens(state: StateReader, readId: Hash): boolean {
  const read = reads.get(state, toHex(readId));
  if (read === undefined) return false;
  const row = standingVersion(state, { record: toHex(read.record), version: read.version });
  return row !== undefined && equal(row.envelopeHash, read.envelopeHash);
}

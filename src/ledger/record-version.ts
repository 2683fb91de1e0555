import type { StateReader } from './state/table.ts';
import { type RecordRow, records, recordVersions } from './state/tables.ts';

/** Names one version of a record, by its id in hex. */
export interface RecordVersion {
  readonly record: string;
  readonly version: number;
}

/** The row of a version. The status stands in the newest version's row alone: nothing of a shredded record stands. */
export function standingVersion(state: StateReader, { record, version }: RecordVersion): RecordRow | undefined {
  const newest = records.get(state, record);
  if (newest?.status !== 'live') return undefined;
  return newest.version === version ? newest : recordVersions.get(state, record, String(version));
}

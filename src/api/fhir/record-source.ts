import { CID } from 'multiformats/cid';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { RecordSource } from '../../fhir/index.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { delegatingKeys, type RecordRow, records, recordVersions } from '../../ledger/state/tables.ts';
import { reading } from '../reading.ts';
import type { NodeService } from '../service.ts';
import type { BlockLookUp } from './block-look-up.ts';
import { authorOf } from './people.ts';

/** A version of a record, from the state: the newest where none is named. */
export function versionRow(state: StateReader, record: string, version?: number): RecordRow | undefined {
  const newest = records.get(state, record);
  if (newest === undefined || version === undefined || newest.version === version) return newest;
  const earlier = recordVersions.get(state, record, String(version));
  // The newest version's status says it for all of them.
  return earlier === undefined ? undefined : { ...earlier, status: newest.status };
}

/** What FHIR says of it. Category and label are told: who may see the record (`viewRecord`) is its owner or its author, who sealed to them. */
export async function recordSource(
  service: NodeService,
  blocks: BlockLookUp,
  record: string,
  row: RecordRow,
): Promise<RecordSource> {
  const recordedMs = await blocks.timestampMs(row.registeredHeight);
  return reading(service, (view) => {
    const [owner, category] = [toHex(row.owner), toHex(row.category)];
    const label = delegatingKeys.get(view, owner, category)?.label;
    return {
      record,
      version: row.version,
      owner,
      author: authorOf(view, row.author),
      status: row.status,
      cid: CID.decode(row.cid).toString(),
      ciphertextBytes: row.ciphertextBytes,
      recordedMs,
      category,
      ...(label === undefined ? {} : { label }),
    };
  });
}

export const recordIdOf = (record: string): Uint8Array => fromHex(record) as Uint8Array;

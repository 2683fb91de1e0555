import { toHex } from '../../base/bytes.ts';
import { ok, refuse } from '../../base/result.ts';
import { recordUid } from '../principal.ts';
import { records } from '../state/tables.ts';
import { event, type Kind, NO_SIGNATURES } from './kind.ts';
import { concernOfRecord } from './records.ts';

/**
 * Ends a record with all its versions (F47). The row of the newest version says so for every version, so shredding costs the same however
 * many there are. Row and content ids stay: what a copy elsewhere holds cannot be registered again, by nobody. What leaves the disks is the
 * nodes' work (docs/specification/erasure.md).
 */
export const shred: Kind<'shred'> = {
  signatures: NO_SIGNATURES,
  asks: (_setting, _state, { record }) => [{ resource: recordUid(record), context: {} }],
  concern: concernOfRecord,
  apply: (_setting, state, { record }) => {
    const id = toHex(record);
    const row = records.get(state, id);
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    records.set(state, { ...row, status: 'shredded' }, id);
    return ok([row.owner, ...row.storedBy].map((told) => event('RecordShredded', told, record)));
  },
};

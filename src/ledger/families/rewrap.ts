import { toHex } from '../../base/bytes.ts';
import { ok, refuse } from '../../base/result.ts';
import { recordUid } from '../principal.ts';
import { delegatingKeys, records } from '../state/tables.ts';
import { event, type Kind } from './kind.ts';
import { checkKeepers, concernOfRecord } from './records.ts';

/**
 * The newest version gets an envelope under the category's current key: fragments of earlier epochs open it no more, whoever kept them
 * (F30). Its medical author stays; `sealedBy` names who made the envelope. Once in an epoch: of several new envelopes that wait for their
 * block, one is applied, and all others of that epoch can be given up at once (ADR 0021).
 */
export const rewrap: Kind<'rewrap'> = {
  signatures: ({ storage }) => storage.length,
  asks: (_setting, _state, { record }) => [{ resource: recordUid(record), context: {} }],
  concern: concernOfRecord,
  apply: (setting, state, { record, epoch, envelopeHash, storage }) => {
    const id = toHex(record);
    const row = records.get(state, id);
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    const key = delegatingKeys.get(state, toHex(row.owner), toHex(row.category));
    if (key === undefined) return refuse('record.owner-unknown');
    if (key.epoch !== epoch) return refuse('record.wrong-epoch', { epoch: key.epoch });
    if (row.epoch === epoch) return refuse('record.epoch-sealed', { epoch });
    // The receipts name the newest version's content: none for an earlier version serves.
    const { cid, ciphertextBytes, category } = row;
    const stored = { record, version: row.version, epoch, cid, ciphertextBytes, envelopeHash, storage };
    const kept = checkKeepers(setting, state, stored, category);
    if (!kept.ok) return kept;
    records.set(state, { ...row, epoch, envelopeHash, storedBy: kept.value, sealedBy: setting.sender }, id);
    return ok([event('RecordRewrapped', row.owner, record)]);
  },
};

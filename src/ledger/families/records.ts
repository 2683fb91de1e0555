import type { Address } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { signingDigest } from '../../base/digest.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';
import { recordUid, strangerUid, uidOf } from '../principal.ts';
import { storageReceiptBytes } from '../signed-words.ts';
import type { StateReader } from '../state/table.ts';
import {
  bundleCounts,
  bundleItems,
  contents,
  delegatingKeys,
  hospitals,
  type RecordRow,
  records,
  recordVersions,
  VERSIONS_MAX,
} from '../state/tables.ts';
import { personGrantAsk } from './grant-asks.ts';
import { type ApplySetting, type Concern, event, type Kind, type Setting } from './kind.ts';
import type { Payload } from './payloads.ts';

/** What a new version of a record brings, whether it is the first or a later one. */
type Stored = Pick<Payload<'amendRecord'>, 'record' | 'epoch' | 'cid' | 'ciphertextBytes' | 'envelopeHash' | 'storage'>;

/** The version that the receipts are for: two authors who amend at once get receipts for the same one, and one of them is applied. */
interface Versioned {
  readonly version: number;
}

/** Alg. 1 `submitRecord` (F26): the owner, or a practitioner under the owner's live write grant for the category. */
export const registerRecord: Kind<'registerRecord'> = {
  signatures: ({ storage }) => storage.length,
  asks: (setting, state, { owner, category }) => [
    personGrantAsk(setting, uidOf(state, owner) ?? strangerUid(owner), category, {}),
  ],
  concern: (_setting, _state, { owner, record }) => ({ owner, record, purpose: null }),
  apply: (setting, state, payload) => {
    const { record, owner, category } = payload;
    const id = toHex(record);
    if (records.get(state, id) !== undefined) return refuse('record.exists');
    const checked = checkStored(setting, state, { ...payload, version: 1 }, owner, category);
    if (!checked.ok) return checked;

    records.set(state, { ...rowOf(setting, payload, owner, category, checked.value), version: 1, requests: 0 }, id);
    contents.set(state, record, toHex(payload.cid));
    const patient = toHex(owner);
    const count = bundleCounts.get(state, patient) ?? 0;
    bundleItems.set(state, record, patient, String(count));
    bundleCounts.set(state, count + 1, patient);
    return ok([event('RecordSubmitted', owner, record), event('RecordSubmitted', setting.sender, record)]);
  },
};

/** A new version under the same id; the earlier one stays readable as history (F38). */
export const amendRecord: Kind<'amendRecord'> = {
  signatures: ({ storage }) => storage.length,
  asks: (setting, state, { record }) => {
    const row = records.get(state, toHex(record));
    return [personGrantAsk(setting, recordUid(record), row?.category ?? null, {})];
  },
  concern: concernOfRecord,
  apply: (setting, state, payload) => {
    const id = toHex(payload.record);
    const row = records.get(state, id);
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    if (row.version >= VERSIONS_MAX) return refuse('record.too-many-versions');
    const version = row.version + 1;
    const checked = checkStored(setting, state, { ...payload, version }, row.owner, row.category);
    if (!checked.ok) return checked;
    recordVersions.set(state, row, id, String(row.version));
    const next = rowOf(setting, payload, row.owner, row.category, checked.value);
    records.set(state, { ...next, version: row.version + 1, requests: row.requests }, id);
    contents.set(state, payload.record, toHex(payload.cid));
    return ok([event('RecordAmended', row.owner, payload.record)]);
  },
};

/** Whose record it is, where there is one. */
export function concernOfRecord(
  _setting: Setting,
  state: StateReader,
  { record }: { readonly record: Uint8Array },
): Concern {
  return { owner: records.get(state, toHex(record))?.owner ?? null, record, purpose: null };
}

function checkStored(
  setting: ApplySetting,
  state: StateReader,
  stored: Stored & Versioned,
  owner: Address,
  category: Uint8Array,
): Result<readonly Address[], LedgerCode> {
  if (contents.get(state, toHex(stored.cid)) !== undefined) return refuse('record.content-exists');
  const key = delegatingKeys.get(state, toHex(owner), toHex(category));
  if (key === undefined) return refuse('record.owner-unknown');
  if (key.epoch !== stored.epoch) return refuse('record.wrong-epoch', { epoch: key.epoch });
  return checkKeepers(setting, state, stored, category);
}

/** Those who store it, where they are as many as the chain wants. */
export function checkKeepers(
  setting: ApplySetting,
  state: StateReader,
  stored: Stored & Versioned,
  category: Uint8Array,
): Result<readonly Address[], LedgerCode> {
  const needed = setting.parameters.storageReceiptsMin;
  const keepers = keepersOf(setting, state, stored, category);
  return keepers.length >= needed ? ok(keepers) : refuse('record.storage-receipts', { valid: keepers.length, needed });
}

/** Distinct active hospitals whose duty key signed that they store this ciphertext with this envelope. */
function keepersOf(
  setting: Setting,
  state: StateReader,
  stored: Stored & Versioned,
  category: Uint8Array,
): readonly Address[] {
  const { primitives, chainId, keyAddress } = setting;
  const words = storageReceiptBytes(chainId, { ...stored, author: keyAddress, category });
  const digest = signingDigest(primitives, 'storage-receipt', words);
  const signers = new Map<string, Address>();
  for (const { hospital, signature } of stored.storage) {
    const row = hospitals.get(state, toHex(hospital));
    if (row === undefined || row.status !== 'active') continue;
    if (primitives.verify(digest, signature, row.record.dutyKey)) signers.set(toHex(hospital), hospital);
  }
  return [...signers.values()];
}

const rowOf = (
  setting: Setting,
  stored: Stored,
  owner: Address,
  category: Uint8Array,
  storedBy: readonly Address[],
): Omit<RecordRow, 'version' | 'requests'> => ({
  owner,
  author: setting.sender,
  sealedBy: setting.sender,
  category,
  epoch: stored.epoch,
  cid: stored.cid,
  ciphertextBytes: stored.ciphertextBytes,
  envelopeHash: stored.envelopeHash,
  storedBy,
  status: 'live',
  registeredHeight: setting.height,
});

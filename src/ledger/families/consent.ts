import type { Address, TimestampMs } from '../../base/brand.ts';
import { equal, fromHex, toHex } from '../../base/bytes.ts';
import { addressOf, signingDigest } from '../../base/digest.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';
import { openEvaluation, type ReadUnder } from '../evaluation/open-evaluation.ts';
import { grantKeyOf } from '../grant-key.ts';
import { recordUid, strangerUid, uidOf } from '../principal.ts';
import { fragmentReceiptBytes } from '../signed-words.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import {
  answeredRequests,
  delegatingKeys,
  type GrantRow,
  grants,
  hospitals,
  participants,
  readCounts,
  reads,
  records,
  requests,
} from '../state/tables.ts';
import { ROLES, type Role } from '../vocabulary.ts';
import { grantAsks } from './grant-asks.ts';
import { type ApplySetting, type Ask, event, type Kind, NO_CONCERN, NO_SIGNATURES, type Setting } from './kind.ts';
import type { Payload } from './payloads.ts';

/** Alg. 2 `requestRecord` (F27). */
export const requestAccess: Kind<'requestAccess'> = {
  signatures: NO_SIGNATURES,
  asks: (_setting, _state, { record, purpose }) => [{ resource: recordUid(record), context: { purpose } }],
  concern: concernOfRecord,
  apply: (setting, state, payload) => {
    const { record, doctorPublicKey, purpose, oraclesMin, oraclesMax } = payload;
    if (!equal(addressOf(setting.primitives, doctorPublicKey), setting.keyAddress))
      return refuse('request.key-mismatch');
    if (oraclesMin < 1 || oraclesMin > oraclesMax) return refuse('request.oracle-bounds');
    const row = records.get(state, toHex(record));
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    const { height, timestampMs, sender, transactionId } = setting;
    requests.set(
      state,
      {
        record,
        owner: row.owner,
        requester: sender,
        purpose,
        height,
        timestampMs,
        oraclesMin,
        oraclesMax,
        granted: false,
        evaluated: false,
      },
      toHex(transactionId),
    );
    records.set(state, { ...row, requests: row.requests + 1 }, toHex(record));
    return ok([event('AccessRequested', row.owner, transactionId), event('AccessRequested', sender, transactionId)]);
  },
};

/** A grant for each named category; a second one for the same pair replaces the first (CHAIN.md, "Policy and gas"). */
export const grant: Kind<'grant'> = {
  signatures: ({ delivery }) => delivery.holders.length,
  asks: (setting, state) => aboutSelf(setting, state),
  concern: (setting) => ({ ...NO_CONCERN, owner: setting.sender }),
  apply: (setting, state, payload) => {
    const checked = checkGrant(setting, state, payload);
    if (!checked.ok) return checked;
    const patient = toHex(setting.sender);
    for (const named of payload.categories) {
      const { scheme, grantId, threshold, oraclesMin, oraclesMax } = payload.delivery;
      grants.set(
        state,
        {
          grant: setting.transactionId,
          purposes: payload.purposes,
          access: payload.access,
          expires: payload.expires as TimestampMs,
          usesLeft: payload.uses,
          epochFrom: named.epochFrom,
          epochTo: named.epochTo,
          grantedHeight: setting.height,
          scheme,
          grantId,
          threshold,
          oraclesMin,
          oraclesMax,
          holders: checked.value,
        },
        patient,
        grantKeyOf(payload.grantee, named.category),
      );
    }
    const answered = answerRequest(setting, state, payload);
    if (!answered.ok) return answered;
    return ok([event('Granted', setting.sender, setting.transactionId), ...toGrantee(payload, setting.transactionId)]);
  },
};

const toGrantee = ({ grantee }: Payload<'grant'> | Payload<'revoke'>, about: Uint8Array) =>
  grantee.type === 'role' ? [] : [event('GrantChanged', fromHex(grantee.id) as Address, about)];

type Holders = GrantRow['holders'];

/** Gives those who have signed that they hold fragments. */
function checkGrant(setting: ApplySetting, state: StateReader, payload: Payload<'grant'>): Result<Holders, LedgerCode> {
  const longest = setting.parameters.grantDurationMaxMs;
  if (payload.expires <= setting.timestampMs || payload.expires > setting.timestampMs + longest)
    return refuse('grant.expired');
  // Reads are counted; writing under a grant is not: a number there would promise what nothing keeps.
  if (payload.uses === 0 || (payload.uses !== null && payload.access !== 'read')) return refuse('grant.no-uses');
  const known = checkGrantee(state, payload);
  if (!known.ok) return known;
  for (const { category, epochFrom, epochTo } of payload.categories) {
    const key = delegatingKeys.get(state, toHex(setting.sender), toHex(category));
    if (key === undefined || epochFrom > epochTo || epochTo > key.epoch) return refuse('grant.category');
  }
  return payload.access === 'write' ? ok([]) : checkDelivery(setting, state, payload);
}

function checkGrantee(state: StateReader, { grantee, access }: Payload<'grant'>): Result<null, LedgerCode> {
  switch (grantee.type) {
    case 'person':
      return participants.get(state, grantee.id) === undefined ? refuse('participant.unknown') : ok(null);
    // Writing is a person's: an author must be somebody.
    case 'hospital':
      if (access !== 'read') return refuse('grant.grantee');
      return hospitals.get(state, grantee.id) === undefined ? refuse('hospital.unknown') : ok(null);
    case 'role':
      return ROLES.includes(grantee.id as Role) && access === 'read' ? ok(null) : refuse('grant.grantee');
  }
}

/**
 * A grant that opens records takes effect with Omin receipts of verified fragments (PRIVACY.md, "A record", 4). Whoever signed none is no
 * holder: silence must never be held against a hospital that a patient merely named.
 */
function checkDelivery(setting: Setting, state: StateReader, payload: Payload<'grant'>): Result<Holders, LedgerCode> {
  const { grantId, threshold, oraclesMin, oraclesMax, holders } = payload.delivery;
  if (!(threshold >= 1 && threshold <= oraclesMin && oraclesMin <= oraclesMax && oraclesMin <= holders.length))
    return refuse('request.oracle-bounds');
  const { primitives, chainId } = setting;
  const signers = new Map<string, Holders[number]>();
  for (const { hospital, fragmentsHash, receipt } of holders) {
    const row = hospitals.get(state, toHex(hospital));
    if (row === undefined || row.status !== 'active') continue;
    const bytes = fragmentReceiptBytes(chainId, { grantId, fragmentsHash });
    const digest = signingDigest(primitives, 'fragment-receipt', bytes);
    if (primitives.verify(digest, receipt, row.record.dutyKey))
      signers.set(toHex(hospital), { hospital, fragmentsHash });
  }
  return signers.size >= oraclesMin
    ? ok([...signers.values()])
    : refuse('grant.fragment-receipts', { valid: signers.size, needed: oraclesMin });
}

/** A grant may answer a request to its patient by its grantee. */
function answerRequest(setting: Setting, state: StateWriter, payload: Payload<'grant'>): Result<null, LedgerCode> {
  const { request: id, grantee } = payload;
  if (id === null) return ok(null);
  const request = requests.get(state, toHex(id));
  if (request === undefined || !equal(request.owner, setting.sender) || toHex(request.requester) !== grantee.id)
    return refuse('request.unknown');
  requests.set(state, { ...request, granted: true }, toHex(id));
  answeredRequests.set(state, id, toHex(setting.transactionId));
  return ok(null);
}

/** Ends a grant: the next read is denied (F30). Honest holders destroy its fragments when the block is final. */
export const revoke: Kind<'revoke'> = {
  signatures: NO_SIGNATURES,
  asks: (setting, state) => aboutSelf(setting, state),
  concern: (setting) => ({ ...NO_CONCERN, owner: setting.sender }),
  apply: (setting, state, payload) => {
    const patient = toHex(setting.sender);
    const grantKey = grantKeyOf(payload.grantee, payload.category);
    if (grants.get(state, patient, grantKey) === undefined) return refuse('grant.unknown');
    grants.delete(state, patient, grantKey);
    return ok([event('Revoked', setting.sender, setting.transactionId), ...toGrantee(payload, setting.transactionId)]);
  },
};

/** The only way to a record: decided, logged, and opening nothing unless applied (CHAIN.md, "Transaction"). */
export const readRecord: Kind<'readRecord'> = {
  signatures: NO_SIGNATURES,
  asks: (setting, state, { record, purpose }) => {
    const category = records.get(state, toHex(record))?.category ?? null;
    return grantAsks(setting, state, recordUid(record), category, { purpose });
  },
  concern: concernOfRecord,
  apply: (setting, state, payload, permitted) => {
    const row = records.get(state, toHex(payload.record));
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    // To what is no point no holder could seal a share, and all would be rated for it.
    if (setting.primitives.addPoints([payload.freshKey]) === undefined) return refuse('read.fresh-key');
    const path = equal(row.owner, setting.sender) ? 'self' : 'grant';
    const used = path === 'self' ? undefined : useGrant(state, row.owner, permitted);
    const { sender, height, timestampMs, transactionId } = setting;
    reads.set(
      state,
      {
        record: payload.record,
        owner: row.owner,
        reader: sender,
        version: row.version,
        envelopeHash: row.envelopeHash,
        purpose: payload.purpose,
        freshKey: payload.freshKey,
        path,
        grantId: used?.grant.grantId ?? NO_GRANT,
        height,
        timestampMs,
      },
      toHex(transactionId),
    );
    // A grant that brings no fragments permits, and nobody has a share to answer with.
    if (used !== undefined && used.grant.holders.length > 0) openEvaluation(setting, state, used);
    const before = readCounts.get(state, toHex(payload.record), toHex(sender))?.allowed ?? 0;
    readCounts.set(state, { allowed: before + 1, lastHeight: height }, toHex(payload.record), toHex(sender));
    return ok([event('RecordRead', row.owner, transactionId), event('RecordRead', sender, transactionId)]);
  },
};

/** The grant id of a read that no grant opens. */
const NO_GRANT = new Uint8Array(32);

/** Counts the use of the grant that the permitted question named. */
function useGrant(state: StateWriter, owner: Address, { grantKey }: Ask): ReadUnder | undefined {
  const grant = grantKey === undefined ? undefined : grants.get(state, toHex(owner), grantKey);
  if (grant === undefined || grantKey === undefined) return undefined;
  if (grant.usesLeft !== null) grants.set(state, { ...grant, usesLeft: grant.usesLeft - 1 }, toHex(owner), grantKey);
  return { owner, grantKey, grant };
}

const aboutSelf = (setting: Setting, state: StateReader): readonly Ask[] => [
  { resource: uidOf(state, setting.sender) ?? strangerUid(setting.sender), context: {} },
];

function concernOfRecord(
  _setting: Setting,
  state: StateReader,
  { record, purpose }: { readonly record: Uint8Array; readonly purpose: string },
) {
  return { owner: records.get(state, toHex(record))?.owner ?? null, record, purpose };
}

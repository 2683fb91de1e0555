import type { Address, TimestampMs } from '../../base/brand.ts';
import { equal, fromHex, toHex } from '../../base/bytes.ts';
import { addressOf, signingDigest } from '../../base/digest.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';
import { grantKeyOf } from '../grant-key.ts';
import { recordUid, strangerUid, uidOf } from '../principal.ts';
import { fragmentReceiptBytes, grantedKeysHashOf } from '../signed-words.ts';
import { desks } from '../state/desk-tables.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import {
  answeredRequests,
  delegatingKeys,
  type GrantRow,
  grants,
  hospitals,
  participants,
  records,
  requests,
} from '../state/tables.ts';
import { ROLES, type Role } from '../vocabulary.ts';
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
  const named = new Set<string>();
  for (const { category, epochFrom, epochTo } of payload.categories) {
    const key = delegatingKeys.get(state, toHex(setting.sender), toHex(category));
    if (key === undefined || epochFrom > epochTo || epochTo > key.epoch) return refuse('grant.category');
    // Twice, with other epochs, and the receipts would be for keys that the row does not cover.
    if (named.has(toHex(category))) return refuse('grant.category');
    named.add(toHex(category));
  }
  return payload.access === 'write' ? ok([]) : checkDelivery(setting, state, payload);
}

function checkGrantee(state: StateReader, payload: Payload<'grant'>): Result<null, LedgerCode> {
  const { grantee, access } = payload;
  switch (grantee.type) {
    case 'person':
      return participants.get(state, grantee.id) === undefined ? refuse('participant.unknown') : ok(null);
    // Writing is a person's: an author must be somebody.
    case 'hospital':
      if (access !== 'read') return refuse('grant.grantee');
      return hospitals.get(state, grantee.id) === undefined ? refuse('hospital.unknown') : ok(null);
    case 'desk':
      return checkDesk(state, payload);
    case 'role':
      return ROLES.includes(grantee.id as Role) && access === 'read' ? ok(null) : refuse('grant.grantee');
  }
}

/**
 * A desk is granted break-glass and nothing else, and no other grant is asked for it. Its own hospital holds no fragment (PRIVACY.md,
 * "Emergencies"): what its node keeps and what its staff keeps must not come together.
 */
function checkDesk(
  state: StateReader,
  { grantee, access, purposes, delivery }: Payload<'grant'>,
): Result<null, LedgerCode> {
  if (hospitals.get(state, grantee.id) === undefined) return refuse('hospital.unknown');
  if (desks.get(state, grantee.id) === undefined) return refuse('desk.unknown');
  const breaksGlass = access === 'read' && purposes.every((purpose) => purpose === 'BTG');
  const holdsItself = delivery.holders.some(({ hospital }) => toHex(hospital) === grantee.id);
  return breaksGlass && !holdsItself ? ok(null) : refuse('grant.desk');
}

/**
 * A grant that opens records takes effect with Omin receipts of verified fragments (PRIVACY.md, "A record", 4). Whoever signed none is no
 * holder: silence must never be held against a hospital that a patient merely named.
 */
function checkDelivery(setting: Setting, state: StateReader, payload: Payload<'grant'>): Result<Holders, LedgerCode> {
  const { grantee, categories, delivery } = payload;
  const { grantId, threshold, oraclesMin, oraclesMax, holders } = delivery;
  // A fragment opens to one key, and these have none: such a grant permits, and brings nothing (ADR 0022).
  if (grantee.type === 'hospital' || grantee.type === 'role')
    return holders.length === 0 ? ok([]) : refuse('grant.not-deliverable');
  if (!(threshold >= 1 && threshold <= oraclesMin && oraclesMin <= oraclesMax && oraclesMin <= holders.length))
    return refuse('request.oracle-bounds');
  const { primitives, chainId, sender: patient } = setting;
  const keysHash = grantedKeysHashOf(primitives, categories);
  // A desk's key may be replaced: holders verified fragments for the one that stands now.
  const deskKey = grantee.type === 'desk' ? desks.get(state, grantee.id)?.receivingKey : undefined;
  const signers = new Map<string, Holders[number]>();
  for (const { hospital, fragmentsHash, receipt } of holders) {
    const row = hospitals.get(state, toHex(hospital));
    if (row === undefined || row.status !== 'active') continue;
    const bytes = fragmentReceiptBytes(chainId, { grantId, patient, grantee, deskKey, keysHash, fragmentsHash });
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

const aboutSelf = (setting: Setting, state: StateReader): readonly Ask[] => [
  { resource: uidOf(state, setting.sender) ?? strangerUid(setting.sender), context: {} },
];

/** Whose record it is, where there is one, and for what. */
export function concernOfRecord(
  _setting: Setting,
  state: StateReader,
  { record, purpose }: { readonly record: Uint8Array; readonly purpose: string },
) {
  return { owner: records.get(state, toHex(record))?.owner ?? null, record, purpose };
}

import type { BaseCode } from '../../base/codes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Shape } from '../../base/shape.ts';
import type { LedgerCode } from '../codes.ts';
import type { SignedTransaction, Transaction } from '../transaction.ts';
import { grant, requestAccess, revoke } from './consent.ts';
import { publishDeskKey } from './desks.ts';
import { propose, vote } from './governance/proposals.ts';
import { approveGuardianship, vetoGuardianship } from './guardians/decide-guardianship.ts';
import { requestGuardianship } from './guardians/request-guardianship.ts';
import { setGuardians } from './guardians/set-guardians.ts';
import type { Kind } from './kind.ts';
import { dispute } from './oracles/dispute.ts';
import { publishShare } from './oracles/publish-share.ts';
import { respond } from './oracles/respond.ts';
import { admit, enrol, publishDelegatingKey, reinstate, rotateKey, suspend } from './participants.ts';
import { type KindName, PAYLOADS, type Payload } from './payloads.ts';
import { amendPolicy, deployPolicy, retirePolicy } from './policies.ts';
import { readRecord } from './read-record.ts';
import { amendRecord, registerRecord } from './records.ts';
import { closeReview } from './reviews.ts';
import { rewrap } from './rewrap.ts';
import { shred } from './shred.ts';

/** Every kind of transaction. The Cedar action of a kind has its name. */
const KINDS: { readonly [K in KindName]: Kind<K> } = {
  enrol,
  admit,
  suspend,
  reinstate,
  rotateKey,
  publishDelegatingKey,
  registerRecord,
  amendRecord,
  rewrap,
  shred,
  requestAccess,
  grant,
  revoke,
  readRecord,
  publishDeskKey,
  closeReview,
  respond,
  dispute,
  publishShare,
  setGuardians,
  requestGuardianship,
  approveGuardianship,
  vetoGuardianship,
  deployPolicy,
  amendPolicy,
  retirePolicy,
  propose,
  vote,
};

/** A kind with the payload that was read by its shape: the one place where the two are known to belong together. */
export interface Act {
  readonly name: KindName;
  readonly kind: Kind<KindName>;
  readonly payload: Payload<KindName>;
}

/** A signed transaction is carried from the door to its block, and asked for its act at every station. */
export function actOf({ transaction, memo }: SignedTransaction): Result<Act, LedgerCode | BaseCode> {
  memo.act ??= readAct(transaction);
  return memo.act;
}

export function readAct(transaction: Transaction): Result<Act, LedgerCode | BaseCode> {
  const { kind: name, payload } = transaction;
  if (!Object.hasOwn(KINDS, name)) return refuse('transaction.unknown-kind', { kind: name });
  const kind = name as KindName;
  const read = (PAYLOADS[kind] as Shape<unknown>)(payload, 'payload');
  if (!read.ok) return read;
  return ok({
    name: kind,
    kind: KINDS[kind] as unknown as Kind<KindName>,
    payload: read.value as Payload<KindName>,
  });
}

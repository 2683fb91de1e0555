import type { PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type Combined, combineShares, type HolderShare } from '../crypto/combine-shares.ts';
import type { GrantKeys } from '../crypto/umbral/types.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { delegatingEpochs, type GrantRow, grants, participants } from '../ledger/state/tables.ts';
import type { AllowedRead } from './allowed-read.ts';
import type { HeldShare } from './api.ts';
import { provenRow } from './proven.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** What the holders answered, and what came of it. */
export interface OpenedShares extends Combined {
  /** t of the grant. */
  readonly threshold: number;
  readonly shares: readonly HolderShare[];
}

/**
 * Path `grant`: any t shares of the grant's holders open what the author sealed to the patient. How many, whose, and under which keys is what
 * the chain proves, not what a hospital says.
 */
export async function openShares(
  session: Session,
  wallet: Wallet,
  allowed: AllowedRead,
): Promise<Result<OpenedShares>> {
  const { device, trust, api } = session;
  const grant = await provenGrant(session, allowed);
  if (!grant.ok) return grant;
  const keys = await provenGrantKeys(session, allowed);
  if (!keys.ok) return keys;
  const held = heldBy(session, grant.value, await api.readShares(allowed.sent.id));
  const combined = combineShares(device.primitives, {
    chainId: trust.chainId,
    readId: allowed.sent.id,
    envelope: allowed.envelope,
    capsule: allowed.capsule,
    keys: keys.value,
    shares: held,
    threshold: grant.value.threshold,
    freshSecret: allowed.freshSecret,
    receivingSecret: wallet.receiving.secretKey,
  });
  return ok({ ...combined, shares: held, threshold: grant.value.threshold });
}

/** The grant that the read used. How many shares open it is the patient's word, not a hospital's. */
async function provenGrant(session: Session, { read, row }: AllowedRead): Promise<Result<GrantRow>> {
  const grantKey = grantKeyOf({ type: 'person', id: toHex(read.reader) }, row.category);
  const grant = await provenRow(session, grants, toHex(read.owner), grantKey);
  if (!grant.ok) return grant;
  return grant.value !== undefined && equal(grant.value.grantId, read.grantId)
    ? ok(grant.value)
    : refuse('client-read.grant-gone');
}

/** The keys that every share must have been made under. */
export async function provenGrantKeys(session: Session, { read, row }: AllowedRead): Promise<Result<GrantKeys>> {
  const { owner, category, epoch } = row;
  const delegating = await provenRow(session, delegatingEpochs, toHex(owner), toHex(category), String(epoch));
  if (!delegating.ok) return delegating;
  const patient = await provenRow(session, participants, toHex(owner));
  if (!patient.ok) return patient;
  const reader = await provenRow(session, participants, toHex(read.reader));
  if (!reader.ok) return reader;
  const delegatingPk = delegating.value;
  const verifyingPk = patient.value?.signingKey as PublicKey | undefined;
  const receivingPk = reader.value?.receivingKey as PublicKey | undefined;
  if (!delegatingPk || !verifyingPk || !receivingPk) return refuse('client-record.unknown');
  return ok({ verifyingPk, delegatingPk, receivingPk });
}

/** The answers of holders that name the very fragments that the grant names. One of anybody else is none. */
function heldBy({ device }: Session, grant: GrantRow, answers: readonly HeldShare[]): readonly HolderShare[] {
  return answers.filter(({ holder, fragmentIds }) => {
    const named = grant.holders.find(({ hospital }) => equal(hospital, holder));
    return named !== undefined && equal(fragmentsHashOf(device.primitives, fragmentIds), named.fragmentsHash);
  });
}

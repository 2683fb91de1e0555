import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type GuardianLetter, openLetter, sealRelease } from '../crypto/guardian-boxes.ts';
import { guardianKitHash, partNameOf } from '../crypto/guardian-kit.ts';
import { checkShare } from '../crypto/guardians.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { type Guardianship, guardianships } from '../ledger/state/guardian-tables.ts';
import { verifyProofs } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/*
 * What a guardian's device does: keeps the letter, asks or approves, and gives the own share only once the chain proves that it may. And
 * the patient's objection.
 */

/** On the guardian's device. Kept as it is: it opens again whenever it is needed. */
export function readLetter({ device, trust }: Session, wallet: Wallet, bytes: Uint8Array): Result<GuardianLetter> {
  const { primitives } = device;
  const opened = openLetter(
    primitives,
    { chainId: trust.chainId, guardian: wallet.id },
    wallet.receiving.secretKey,
    bytes,
  );
  if (!opened.ok) return opened;
  const { kit, share } = opened.value;
  const at = kit.guardians.members.findIndex((member) => equal(member, wallet.id));
  const commitment = kit.guardianShares[at];
  if (commitment === undefined) return refuse('client-guardian.other-letter');
  const name = { ...partNameOf(trust.chainId, kit), side: 'guardian', holder: wallet.id } as const;
  const checked = checkShare(primitives, name, commitment, share);
  return checked.ok ? opened : checked;
}

/**
 * Opens the list on chain and asks for the shares to be released to `key`: for recovery one that the patient's new device made, for acting
 * one of the guardian's own. The guardian who asks has approved with that.
 */
export async function requestGuardianship(
  session: Session,
  { kit }: GuardianLetter,
  key: PublicKey,
): Promise<Result<Sent>> {
  const { owner, purpose, guardians, salt } = kit;
  return applied(await session.send('requestGuardianship', { owner, purpose, key, ...guardians, salt }));
}

/** A guardian's yes, after having spoken with whoever it is about: the device cannot know who holds `key`. */
export const approveGuardianship = async (session: Session, request: Hash): Promise<Result<Sent>> =>
  applied(await session.send('approveGuardianship', { request }));

/** The patient's no; and the end of somebody's acting. */
export const vetoGuardianship = async (session: Session, request: Hash): Promise<Result<Sent>> =>
  applied(await session.send('vetoGuardianship', { request }));

/** A request as the chain proves it, and whether shares may be released for it at that block's time. */
export async function provenGuardianship(
  { api, device, trust, seenHeight }: Session,
  request: Hash,
): Promise<Result<{ readonly row: Guardianship; readonly isMatured: boolean }>> {
  const key = guardianships.key(toHex(request));
  const answer = await api.proofs([key]);
  const verified = verifyProofs(device, trust, { keys: [key], sinceHeight: seenHeight() }, answer);
  if (!verified.ok) return verified;
  const row = guardianships.get({ get: (wanted) => verified.value.get(wanted) }, toHex(request));
  if (row === undefined) return refuse('guardianship.unknown');
  const { status, maturesMs } = row;
  const isMatured = status === 'approved' && maturesMs !== null && maturesMs <= answer.header.timestampMs;
  return ok({ row, isMatured });
}

/** A share on its way to the device that holds the request's key. */
export interface GivenShare {
  readonly holder: Address;
  readonly share: Uint8Array;
}

/** The guardian's own share, sealed to the key of a request that has matured; for no other request than the letter's. */
export async function giveShare(
  session: Session,
  wallet: Wallet,
  { kit, share }: GuardianLetter,
  request: Hash,
): Promise<Result<GivenShare>> {
  const { device, trust } = session;
  const proven = await provenGuardianship(session, request);
  if (!proven.ok) return proven;
  const { row, isMatured } = proven.value;
  // A kit's hash is no secret: anybody may name it in a plan of his own, with guardians and a time of his own.
  const isOwners = equal(row.owner, kit.owner) && row.purpose === kit.purpose;
  if (!isOwners || !equal(row.kit, guardianKitHash(device.primitives, trust.chainId, kit)))
    return refuse('client-guardian.other-letter');
  if (!isMatured) return refuse('client-guardian.immature', { status: row.status });
  const name = { chainId: trust.chainId, request, side: 'guardian', holder: wallet.id } as const;
  const sealing = { recipient: row.key as PublicKey, entropy: device.random(SCALAR_ENTROPY_BYTES) };
  const sealed = sealRelease(device.primitives, name, sealing, share);
  return sealed.ok ? ok({ holder: wallet.id, share: sealed.value }) : sealed;
}

import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Holder } from '../crypto/grant-fragment.ts';
import { sealKeptShare, sealLetter } from '../crypto/guardian-boxes.ts';
import { encodeSealedRoots, type GuardianKit, guardianKitHash, sealedRootsHash } from '../crypto/guardian-kit.ts';
import {
  GUARDIAN_SALT_BYTES,
  GUARDIAN_SECRET_BYTES,
  type GuardianList,
  type GuardianPurpose,
  listCommitment,
  type PartName,
} from '../crypto/guardians.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { guardianReceiptBytes } from '../ledger/signed-words.ts';
import { participants } from '../ledger/state/tables.ts';
import { activeHospitals, thresholdOf } from './grant.ts';
import { type HeldShare, splitSecret } from './guardian-shares.ts';
import { provenRows } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** What the patient decides for one purpose. */
export interface GuardianWish {
  readonly purpose: GuardianPurpose;
  /** m of whom. */
  readonly guardians: GuardianList;
  /** How long an approval waits for a veto, ms. */
  readonly maturingMs: number;
}

/** For one guardian alone, to be handed over by any way: nothing else holds the share. */
export interface Letter {
  readonly purpose: GuardianPurpose;
  readonly guardian: Address;
  readonly letter: Uint8Array;
}

export interface GuardiansSet {
  readonly sent: Sent;
  readonly letters: readonly Letter[];
}

type Part = Payload<'setGuardians'>['parts'][number];

/**
 * Splits what opens the sealed roots, leaves one half with hospitals, and names the whole on chain by hashes (GU-5). It replaces the
 * plan before: letters of that open nothing any more. Without wishes nobody guards.
 */
export async function setGuardians(
  session: Session,
  wallet: Wallet,
  wishes: readonly GuardianWish[],
): Promise<Result<GuardiansSet>> {
  const parts: Part[] = [];
  const letters: Letter[] = [];
  for (const wish of wishes) {
    const made = await makePart(session, wallet, wish);
    if (!made.ok) return made;
    parts.push(made.value.part);
    letters.push(...made.value.letters);
  }
  const sent = applied(await session.send('setGuardians', { parts }));
  return sent.ok ? ok({ sent: sent.value, letters }) : sent;
}

async function makePart(
  session: Session,
  wallet: Wallet,
  { purpose, guardians, maturingMs }: GuardianWish,
): Promise<Result<{ readonly part: Part; readonly letters: readonly Letter[] }>> {
  const { device, trust } = session;
  const { primitives } = device;
  const keys = await receivingKeysOf(session, guardians.members);
  if (!keys.ok) return keys;
  const active = await activeHospitals(session);
  if (!active.ok) return active;
  const holders = active.value.slice(0, CRYPTO_LIMITS.guardiansMax);

  const name: PartName = { chainId: trust.chainId, owner: wallet.id, purpose };
  const hospitals = { threshold: thresholdOf(holders.length), members: holders.map(({ hospital }) => hospital) };
  const secrets = {
    guardianSecret: device.random(GUARDIAN_SECRET_BYTES),
    hospitalSecret: device.random(GUARDIAN_SECRET_BYTES),
  };
  const guarded = await splitSecret(primitives, { name, side: 'guardian', list: guardians }, secrets.guardianSecret);
  if (!guarded.ok) return guarded;
  const kept = await splitSecret(primitives, { name, side: 'hospital', list: hospitals }, secrets.hospitalSecret);
  if (!kept.ok) return kept;
  const sealed = encodeSealedRoots(wallet.sealRoots(device, name, secrets));
  for (const secret of Object.values(secrets)) secret.fill(0);

  const salt = device.random(GUARDIAN_SALT_BYTES);
  const kit: GuardianKit = {
    owner: wallet.id,
    purpose,
    guardians: { threshold: guardians.threshold, members: [...guardians.members] },
    salt,
    hospitals,
    guardianShares: guarded.value.map(({ commitment }) => commitment),
    hospitalShares: kept.value.map(({ commitment }) => commitment),
    sealed: sealedRootsHash(primitives, sealed),
  };
  const kitHash = guardianKitHash(primitives, trust.chainId, kit);
  const left = await leaveWithHospitals(session, { owner: wallet.id, kit: kitHash, sealed }, holders, kept.value);
  if (!left.ok) return left;
  const letters = sealLetters(session, kit, keys.value, guarded.value);
  if (!letters.ok) return letters;
  const list = listCommitment(primitives, salt, guardians);
  return ok({ part: { purpose, list, kit: kitHash, maturingMs }, letters: letters.value });
}

/** Proven, as a grantee's is: sealed to another key, a letter would open for somebody else. */
async function receivingKeysOf(session: Session, members: readonly Address[]): Promise<Result<readonly PublicKey[]>> {
  const rows = await provenRows(
    session,
    participants,
    members.map((member) => [toHex(member)] as [string]),
  );
  if (!rows.ok) return rows;
  const keys = rows.value.flatMap((row) =>
    row?.status === 'active' && row.role === 'patient' ? [row.receivingKey] : [],
  );
  return keys.length === members.length ? ok(keys) : refuse('client-guardian.unknown');
}

/** A half counts as kept where the hospital's own duty key signs it: what passes it on could say anything. */
async function leaveWithHospitals(
  { api, device, trust }: Session,
  common: { readonly owner: Address; readonly kit: Hash; readonly sealed: Uint8Array },
  holders: readonly Holder[],
  halves: readonly HeldShare[],
): Promise<Result<null>> {
  const { primitives } = device;
  const { owner, kit } = common;
  const shares: { holder: Address; share: Uint8Array }[] = [];
  for (const [i, { hospital, dutyKey }] of holders.entries()) {
    const sealing = { recipient: dutyKey, entropy: device.random(SCALAR_ENTROPY_BYTES) };
    const name = { chainId: trust.chainId, owner, kit, hospital };
    const box = sealKeptShare(primitives, name, sealing, (halves[i] as HeldShare).share);
    if (!box.ok) return box;
    shares.push({ holder: hospital, share: box.value });
  }
  const receipts = await api.keepGuardianShares({ ...common, shares });
  const kept = holders.filter(({ hospital, dutyKey }, i) => {
    const share = shares[i]?.share as Uint8Array;
    const words = guardianReceiptBytes(primitives, trust.chainId, { ...common, share });
    const digest = signingDigest(primitives, 'guardian-receipt', words);
    const signature = receipts.find((receipt) => toHex(receipt.hospital) === toHex(hospital))?.signature;
    return signature !== undefined && primitives.verify(digest, signature, dutyKey);
  });
  const needed = thresholdOf(holders.length);
  return kept.length >= needed ? ok(null) : refuse('client-guardian.too-few-receipts', { kept: kept.length, needed });
}

function sealLetters(
  { device, trust }: Session,
  kit: GuardianKit,
  keys: readonly PublicKey[],
  shares: readonly HeldShare[],
): Result<readonly Letter[]> {
  const letters: Letter[] = [];
  for (const [i, { holder: guardian, share }] of shares.entries()) {
    const sealing = { recipient: keys[i] as PublicKey, entropy: device.random(SCALAR_ENTROPY_BYTES) };
    const letter = sealLetter(device.primitives, { chainId: trust.chainId, guardian }, sealing, { kit, share });
    if (!letter.ok) return letter;
    letters.push({ purpose: kit.purpose, guardian, letter: letter.value });
  }
  return ok(letters);
}

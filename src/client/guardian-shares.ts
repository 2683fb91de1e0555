import { combine, split } from 'shamir-secret-sharing';
import { assert } from '../base/assert.ts';
import type { Address, Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import {
  checkShare,
  GUARDIAN_SECRET_BYTES,
  type GuardianList,
  type PartName,
  shareCommitment,
} from '../crypto/guardians.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { ClientCode } from './codes.ts';

/*
 * The two secrets behind a sealed root, split by Shamir's scheme (shamir-secret-sharing, audited; it draws its own randomness from
 * the host). The library answers too few or altered shares with random bytes, so both are noticed before: by count, and by a
 * commitment to each share.
 */

/** One side of the seal: m of the guardians, or t of the hospitals. */
export interface Side {
  readonly name: PartName;
  readonly side: 'guardian' | 'hospital';
  readonly list: GuardianList;
}

/** A holder's share, for that holder alone, and what everyone may know of it. */
export interface HeldShare {
  readonly holder: Address;
  readonly share: Uint8Array;
  readonly commitment: Hash;
}

/** With fewer than two of two, one person alone would be the whole of a side: the library refuses it, and so do we. */
const THRESHOLD_MIN = 2;

/** A share for each member of the list. `secret`: 32 random bytes, made for this side and this purpose. */
export async function splitSecret(
  primitives: Primitives,
  { name, side, list }: Side,
  secret: Uint8Array,
): Promise<Result<readonly HeldShare[], ClientCode>> {
  assert(secret.length === GUARDIAN_SECRET_BYTES, 'a secret is 32 bytes');
  const { threshold, members } = list;
  if (threshold < THRESHOLD_MIN || members.length < threshold || members.length > CRYPTO_LIMITS.guardiansMax)
    return refuse('client-guardian.threshold', { threshold, members: members.length });
  const shares = await split(secret, members.length, threshold);
  return ok(
    members.map((holder, i) => {
      const share = new Uint8Array(shares[i] as Uint8Array);
      return { holder, share, commitment: shareCommitment(primitives, { ...name, side, holder }, share) };
    }),
  );
}

export interface JoinedSecret {
  readonly secret: Uint8Array;
  /** Who handed in something else than he was given. */
  readonly altered: readonly Address[];
}

/** The secret from what holders released. `commitments` by holder in hexadecimal, from the chain or from the owner's own paper. */
export async function joinSecret(
  primitives: Primitives,
  { name, side, list }: Side,
  commitments: ReadonlyMap<string, Hash>,
  released: readonly { readonly holder: Address; readonly share: Uint8Array }[],
): Promise<Result<JoinedSecret, ClientCode>> {
  const valid = new Map<string, Uint8Array>();
  const altered: Address[] = [];
  for (const { holder, share } of released) {
    const commitment = commitments.get(toHex(holder));
    const holds = commitment !== undefined && checkShare(primitives, { ...name, side, holder }, commitment, share).ok;
    if (holds) valid.set(toHex(holder), share);
    else altered.push(holder);
  }
  if (valid.size < list.threshold)
    return refuse('client-guardian.too-few-shares', { valid: valid.size, threshold: list.threshold });
  return ok({ secret: new Uint8Array(await combine([...valid.values()])), altered });
}

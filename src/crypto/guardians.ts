import { assert } from '../base/assert.ts';
import type { Address, Hash } from '../base/brand.ts';
import { compareBytes, concat, equal, utf8 } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';
import { BOX_KEYS_BYTES, BOX_OVERHEAD_BYTES, openCommitted, sealCommitted } from './committed-box.ts';
import { hkdfSha256 } from './hkdf.ts';
import { ROOT_BYTES } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * A person's roots sealed so that they open to neither side alone: under HKDF(guardian secret ‖ hospital secret), of which one is split
 * m-of-n among guardians and the other t-of-n among hospitals (src/client/guardian-shares.ts), who release only after an approval on
 * chain has matured. Each purpose has two secrets of its own: released to act (the delegating root), nothing of the others is.
 *
 *   keys = HKDF-SHA-256(guardian ‖ hospital, salt, info = purpose ‖ { chainId, owner, purpose, root })
 *   sealed = the root under those keys (`committed-box.ts`)
 */
export const GUARDIAN_SECRET_BYTES = 32;
export const GUARDIAN_SALT_BYTES = 32;
/** A share of a secret, with Shamir's coordinate. */
export const GUARDIAN_SHARE_BYTES = GUARDIAN_SECRET_BYTES + 1;
export const SEALED_ROOT_BYTES = ROOT_BYTES + BOX_OVERHEAD_BYTES;

/** What guardians may be chosen for. `executor`: as `acting`, for the time after death, with a list of its own. */
export const GUARDIAN_PURPOSES = ['recovery', 'acting', 'executor'] as const;
export type GuardianPurpose = (typeof GUARDIAN_PURPOSES)[number];
/** `account`: of an account key that took the place of the first one (`key-file.ts`). */
export const SEALED_ROOTS = ['identity', 'delegating', 'account'] as const;
export type RootKind = (typeof SEALED_ROOTS)[number];

/** What guardians and hospitals of one purpose keep, and for whom. */
export interface PartName {
  readonly chainId: Hash;
  readonly owner: Address;
  readonly purpose: GuardianPurpose;
}

/** Which root of whom: whoever opens the seal must name the same. */
export interface RootName extends PartName {
  readonly root: RootKind;
}

export interface RootSecrets {
  /** 32 random bytes of which each guardian has a share. */
  readonly guardianSecret: Uint8Array;
  /** 32 random bytes of which each hospital has a share. */
  readonly hospitalSecret: Uint8Array;
}

export interface SealedRoot {
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

/** `salt`: 32 random bytes, never used twice. */
export function sealRoot(
  primitives: Primitives,
  { name, secrets, salt }: { readonly name: RootName; readonly secrets: RootSecrets; readonly salt: Uint8Array },
  root: Uint8Array,
): SealedRoot {
  assert(root.length === ROOT_BYTES, 'a root is 32 bytes');
  return { salt, sealed: sealCommitted(primitives, deriveKeys(name, secrets, salt), root) };
}

/** The root, for who has both secrets. */
export function openRoot(
  primitives: Primitives,
  { name, secrets }: { readonly name: RootName; readonly secrets: RootSecrets },
  { salt, sealed }: SealedRoot,
): Result<Uint8Array, CryptoCode> {
  if (sealed.length !== SEALED_ROOT_BYTES || salt.length !== GUARDIAN_SALT_BYTES)
    return refuse('crypto-guardians.damaged');
  const root = openCommitted(primitives, deriveKeys(name, secrets, salt), sealed);
  if (root.ok) return root;
  const wrong = root.rejection.code === 'crypto-box.wrong-key';
  return refuse(wrong ? 'crypto-guardians.wrong-secrets' : 'crypto-guardians.damaged');
}

function deriveKeys(
  { chainId, owner, purpose, root }: RootName,
  { guardianSecret, hospitalSecret }: RootSecrets,
  salt: Uint8Array,
) {
  const lengths = [guardianSecret.length, hospitalSecret.length, salt.length];
  assert(
    lengths.every((length) => length === 32),
    'secrets and salt are 32 bytes: so their places cannot shift',
  );
  const info = concat(SEAL_INFO, encode({ chainId, owner, purpose, root }));
  return hkdfSha256(concat(guardianSecret, hospitalSecret), salt, info, BOX_KEYS_BYTES);
}

/** Who guards, and how many it takes. The list itself stays with the owner and those on it. */
export interface GuardianList {
  readonly threshold: number;
  /** Participant ids; their order does not matter. */
  readonly members: readonly Address[];
}

/** What the chain holds of a list: SHA-256 over tag, salt and the sorted list. Members of small consortia are not guessed: it is salted. */
export function listCommitment(primitives: Primitives, salt: Uint8Array, { threshold, members }: GuardianList): Hash {
  assert(salt.length === GUARDIAN_SALT_BYTES, 'a fixed salt length keeps salt and list apart');
  assert(members.length <= CRYPTO_LIMITS.guardiansMax, 'guardians are bounded');
  assert(threshold >= 1 && threshold <= members.length, '1 ≤ m ≤ n');
  const sorted = [...members].sort(compareBytes);
  assert(!sorted.some((member, i) => i > 0 && equal(member, sorted[i - 1] as Address)), 'nobody guards twice');
  return primitives.hash(concat(LIST_TAG, salt, encode({ threshold, members: sorted })));
}

/** Whose share of which secret it is. */
export interface ShareName extends PartName {
  readonly side: 'guardian' | 'hospital';
  readonly holder: Address;
}

/** What the owner publishes of each share. A share is as random as its secret, so nothing is hidden by guessing; the name binds it. */
export const shareCommitment = (primitives: Primitives, name: ShareName, share: Uint8Array): Hash => {
  const { chainId, owner, purpose, side, holder } = name;
  return primitives.hash(concat(SHARE_TAG, encode({ chainId, owner, purpose, side, holder, share })));
};

/** Whether a share that was handed in is the one that was handed out. */
export const checkShare = (
  primitives: Primitives,
  name: ShareName,
  commitment: Hash,
  share: Uint8Array,
): Result<null, CryptoCode> =>
  equal(shareCommitment(primitives, name, share), commitment) ? ok(null) : refuse('crypto-guardians.share-altered');

const SEAL_INFO = utf8('carechain/guardian-seal/v1\0');
const LIST_TAG = utf8('carechain/guardian-list/v1\0');
const SHARE_TAG = utf8('carechain/guardian-share/v1\0');

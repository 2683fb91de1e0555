import type { Address, Hash } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { ReadCode } from './codes.ts';
import {
  GUARDIAN_PURPOSES,
  GUARDIAN_SALT_BYTES,
  type PartName,
  SEALED_ROOT_BYTES,
  SEALED_ROOTS,
  type SealedRoot,
} from './guardians.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * What the owner hands to each guardian beside the share: who guards, who keeps, and what every share and sealed root must be. On chain stands
 * one hash of it (GU-6). So nothing of it can be exchanged later, and nobody reads the lists there.
 */

const holdersMax = CRYPTO_LIMITS.guardiansMax;
const threshold = shape.uint(holdersMax);
const listShape = shape.struct({ threshold, members: shape.list(shape.address, holdersMax, 1) });

export const guardianPurposeShape = shape.oneOf(...GUARDIAN_PURPOSES);

export const guardianKitShape = shape.struct({
  owner: shape.address,
  purpose: guardianPurposeShape,
  guardians: listShape,
  /** Of the list's commitment on chain. */
  salt: shape.bytes(GUARDIAN_SALT_BYTES),
  hospitals: listShape,
  /** What each share must be (`shareCommitment`), in the order of the members. */
  guardianShares: shape.list(shape.hash, holdersMax, 1),
  hospitalShares: shape.list(shape.hash, holdersMax, 1),
  /** `sealedRootsHash` of what the hospitals keep. */
  sealed: shape.hash,
});
export type GuardianKit = shape.Shaped<typeof guardianKitShape>;

/** What the chain names. The salt in it is random: nobody finds the lists by trying. */
export const guardianKitHash = (primitives: Primitives, chainId: Hash, kit: GuardianKit): Hash =>
  primitives.hash(concat(KIT_TAG, encode({ chainId, kit } as unknown as Canonical)));

/** A root's name and its seal. */
export interface NamedSeal extends SealedRoot {
  readonly root: (typeof SEALED_ROOTS)[number];
}

const sealedRootsShape = shape.list(
  shape.struct({
    root: shape.oneOf(...SEALED_ROOTS),
    salt: shape.bytes(GUARDIAN_SALT_BYTES),
    sealed: shape.bytes(SEALED_ROOT_BYTES),
  }),
  SEALED_ROOTS.length,
  1,
);

/** One purpose's sealed roots, as the hospitals keep them. */
export const encodeSealedRoots = (roots: readonly NamedSeal[]): Uint8Array => encode(roots as unknown as Canonical);

export function decodeSealedRoots(bytes: Uint8Array): Result<readonly NamedSeal[], ReadCode> {
  const value = decode(bytes, CRYPTO_LIMITS.sealedRootsBytesMax);
  return value.ok ? sealedRootsShape(value.value, 'sealed') : value;
}

export const sealedRootsHash = (primitives: Primitives, bytes: Uint8Array): Hash =>
  primitives.hash(concat(SEALED_TAG, bytes));

/** The part of a plan that a kit is about. */
export const partNameOf = (chainId: Hash, { owner, purpose }: GuardianKit): PartName => ({
  chainId,
  owner: owner as Address,
  purpose,
});

const KIT_TAG = utf8('carechain/guardian-kit/v1\0');
const SEALED_TAG = utf8('carechain/guardian-roots/v1\0');

import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { BOX_OVERHEAD_BYTES } from './committed-box.ts';
import { type GuardianKit, guardianKitShape } from './guardian-kit.ts';
import { GUARDIAN_SHARE_BYTES } from './guardians.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { type BoxLabel, openBox, sealBox } from './sealed-box.ts';

/*
 * How shares travel, each in a box to the one who may hold it (GU-7): the letter to a guardian, a hospital's share by way of another
 * hospital, and what either releases to the key that a matured request names.
 */

interface Sealing {
  readonly recipient: PublicKey;
  /** 48 random bytes, never used twice. */
  readonly entropy: Uint8Array;
}

/** Whose letter it is. */
export interface LetterName {
  readonly chainId: Hash;
  readonly guardian: Address;
}

/** All that a guardian keeps. The list is in it, so that it is not lost with the owner's device. */
export interface GuardianLetter {
  readonly kit: GuardianKit;
  readonly share: Uint8Array;
}

/** A hospital's share on its way to that hospital. */
export interface KeptShareName {
  readonly chainId: Hash;
  readonly owner: Address;
  readonly kit: Hash;
  readonly hospital: Address;
}

/** A share that its holder gives out. */
export interface ReleaseName {
  readonly chainId: Hash;
  /** The transaction that asked. */
  readonly request: Hash;
  readonly side: 'guardian' | 'hospital';
  readonly holder: Address;
}

const letterShape = shape.struct({ kit: guardianKitShape, share: shape.bytes(GUARDIAN_SHARE_BYTES) });
const boxShape = (bytesMin: number, bytesMax: number) =>
  shape.struct({
    capsule: shape.publicKey,
    sealed: shape.bytes(bytesMin + BOX_OVERHEAD_BYTES, bytesMax + BOX_OVERHEAD_BYTES),
  });
const letterBoxShape = boxShape(1, CRYPTO_LIMITS.guardianLetterBytesMax);
const shareBoxShape = boxShape(GUARDIAN_SHARE_BYTES, GUARDIAN_SHARE_BYTES);

const labelOf = (purpose: BoxLabel['purpose'], name: object): BoxLabel => ({
  purpose,
  context: encode(name as Canonical),
});
const letterLabel = ({ chainId, guardian }: LetterName) => labelOf('guardian-letter', { chainId, guardian });
const keptLabel = ({ chainId, owner, kit, hospital }: KeptShareName) =>
  labelOf('guardian-share', { chainId, owner, kit, hospital });
const releaseLabel = ({ chainId, request, side, holder }: ReleaseName) =>
  labelOf('guardian-release', { chainId, request, side, holder });

export const sealLetter = (primitives: Primitives, name: LetterName, sealing: Sealing, letter: GuardianLetter) =>
  seal(primitives, letterLabel(name), sealing, encode({ ...letter } as unknown as Canonical));

export function openLetter(
  primitives: Primitives,
  name: LetterName,
  secretKey: SecretKey,
  bytes: Uint8Array,
): Result<GuardianLetter, ReadCode> {
  const opened = open(primitives, letterLabel(name), letterBoxShape, secretKey, bytes);
  if (!opened.ok) return opened;
  const value = decode(opened.value, CRYPTO_LIMITS.guardianLetterBytesMax);
  return value.ok ? letterShape(value.value, 'letter') : value;
}

export const sealKeptShare = (primitives: Primitives, name: KeptShareName, sealing: Sealing, share: Uint8Array) =>
  seal(primitives, keptLabel(name), sealing, share);

export const openKeptShare = (primitives: Primitives, name: KeptShareName, secretKey: SecretKey, bytes: Uint8Array) =>
  open(primitives, keptLabel(name), shareBoxShape, secretKey, bytes);

export const sealRelease = (primitives: Primitives, name: ReleaseName, sealing: Sealing, share: Uint8Array) =>
  seal(primitives, releaseLabel(name), sealing, share);

export const openRelease = (primitives: Primitives, name: ReleaseName, secretKey: SecretKey, bytes: Uint8Array) =>
  open(primitives, releaseLabel(name), shareBoxShape, secretKey, bytes);

function seal(
  primitives: Primitives,
  label: BoxLabel,
  { recipient, entropy }: Sealing,
  content: Uint8Array,
): Result<Uint8Array, CryptoCode> {
  const box = sealBox(primitives, { recipient, entropy, label }, content);
  return box.ok ? ok(encode({ ...box.value })) : box;
}

function open(
  primitives: Primitives,
  label: BoxLabel,
  expected: typeof shareBoxShape,
  secretKey: SecretKey,
  bytes: Uint8Array,
): Result<Uint8Array, ReadCode> {
  const value = decode(bytes, CRYPTO_LIMITS.guardianLetterBytesMax + 2 * BOX_OVERHEAD_BYTES);
  const box = value.ok ? expected(value.value, 'box') : value;
  return box.ok ? openBox(primitives, { secretKey, label }, box.value) : box;
}

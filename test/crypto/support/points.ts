import * as secp from '@noble/secp256k1';
import type { Hash, PublicKey, Signature } from '../../../src/base/brand.ts';
import { concat, equal, toHex } from '../../../src/base/bytes.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import { hex } from './vectors.ts';

const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const SPKI_UNCOMPRESSED = hex('3056301006072a8648ce3d020106052b8104000a034200');
const SPKI_COMPRESSED = hex('3036301006072a8648ce3d020106052b8104000a032200');

/** 04 ‖ x ‖ y as 33 bytes, where it is a point of secp256k1. */
export function compressPoint(point: Uint8Array): PublicKey | undefined {
  if (point.length !== 65 || point[0] !== 4) return undefined;
  const x = BigInt(`0x${toHex(point.subarray(1, 33))}`);
  const y = BigInt(`0x${toHex(point.subarray(33))}`);
  if (x >= P || y >= P || (y * y - x * x * x - 7n) % P !== 0n) return undefined;
  return concat(Uint8Array.of(2 | Number(y & 1n)), point.subarray(1, 33)) as PublicKey;
}

/** The key of a SubjectPublicKeyInfo that names the curve in the one usual DER encoding; every other form is refused. */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey | undefined {
  const starts = (prefix: Uint8Array) => equal(spki.subarray(0, prefix.length), prefix);
  if (starts(SPKI_UNCOMPRESSED)) return compressPoint(spki.subarray(SPKI_UNCOMPRESSED.length));
  const key = spki.subarray(SPKI_COMPRESSED.length);
  return starts(SPKI_COMPRESSED) && key.length === 33 ? (key as PublicKey) : undefined;
}

/** A scalar as 32 bytes, however many the file writes. */
export function scalar32(bytes: Uint8Array): Uint8Array {
  const scalar = new Uint8Array(32);
  const significant = bytes.subarray(Math.max(0, bytes.length - 32));
  scalar.set(significant, 32 - significant.length);
  return scalar;
}

/** Whether only v ≥ 2, that is R.x = r + n, recovers this key: shown by the curve library, without our form check. */
export function needsLargeX(digest: Hash, compact: Uint8Array, publicKey: PublicKey): boolean {
  const recovers = (v: number): boolean => {
    try {
      return equal(secp.recoverPublicKey(concat(Uint8Array.of(v), compact), digest, { prehash: false }), publicKey);
    } catch {
      return false;
    }
  };
  return !recovers(0) && !recovers(1) && (recovers(2) || recovers(3));
}

/** r ‖ n − s: the other signature with the same r, by anybody, without the key. */
export function negateS(compact: Uint8Array): Uint8Array {
  const s = N - BigInt(`0x${toHex(compact.subarray(32))}`);
  return concat(compact.subarray(0, 32), hex(s.toString(16).padStart(64, '0')));
}

/** The recoverable form of r ‖ s for this key: v is whichever of 0 and 1 verifies. `undefined` where neither does. */
export function compactToRecoverable(
  primitives: Primitives,
  digest: Hash,
  compact: Uint8Array,
  publicKey: PublicKey,
): Signature | undefined {
  for (const v of [0, 1]) {
    const signature = concat(compact, Uint8Array.of(v)) as Signature;
    if (primitives.verify(digest, signature, publicKey)) return signature;
  }
  return undefined;
}

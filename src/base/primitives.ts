import type { Hash, PublicKey, SecretKey, Signature } from './brand.ts';

/**
 * The cryptography that pure code calls, as synchronous values. @noble fills it by default (`crypto/noble.ts`); a node puts in
 * libsecp256k1 and node:crypto. Every implementation passes one conformance suite.
 */
export interface Primitives {
  /** For logs and reports: which implementation this is. */
  readonly name: string;
  /** SHA-256. */
  hash(bytes: Uint8Array): Hash;
  /** SHA-256 of each consecutive 64-byte pair: 2n × 32 bytes in, n × 32 bytes out. */
  hashPairs(pairs: Uint8Array): Uint8Array;
  /** True when `signature` (65 bytes, low s, v ∈ {0, 1}) recovers to `publicKey` over `digest`. Never throws. */
  verify(digest: Hash, signature: Signature, publicKey: PublicKey): boolean;
  /** The public key whose signature this is, or `undefined` where it is not a valid one. Never throws. */
  recover(digest: Hash, signature: Signature): PublicKey | undefined;
  /** RFC 6979 signature of a digest, low s. */
  sign(digest: Hash, secretKey: SecretKey): Signature;
  publicKeyOf(secretKey: SecretKey): PublicKey;
  /** The 33-byte compressed shared point, or `undefined` for a key that is not on the curve. */
  ecdh(secretKey: SecretKey, publicKey: PublicKey): Uint8Array | undefined;
  /**
   * The sum of one or more compressed points; of one point, that point. `undefined` where one is not a point of the curve in its
   * 33-byte form, or where the sum is the point at infinity, which has no such form.
   */
  addPoints(points: readonly Uint8Array[]): PublicKey | undefined;
  /**
   * scalar · point in time that tells of the scalar: for public scalars alone, a secret one goes through `ecdh`. `undefined` for
   * a scalar outside [1, n) or what is not a point. Never throws.
   */
  multiplyPublic(scalar: Uint8Array, point: Uint8Array): PublicKey | undefined;
  /** a + b mod n, in constant time where the library has it. A sum of zero breaks an invariant: secrets are never negatives of each other. */
  addScalars(a: SecretKey, b: SecretKey): SecretKey;
  /** a · b mod n, in constant time where the library has it. */
  multiplyScalars(a: SecretKey, b: SecretKey): SecretKey;
  /** AES-256-GCM: ciphertext ‖ 16-byte tag. Key 32 bytes, nonce 12 bytes. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associatedData?: Uint8Array): Uint8Array;
  /** What `seal` returns, in two parts that were never joined: ciphertext and 16-byte tag. For streams, where each copy counts. */
  sealDetached(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): readonly [Uint8Array, Uint8Array];
  /** The plaintext, or `undefined` where the tag does not hold. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associatedData?: Uint8Array): Uint8Array | undefined;
}

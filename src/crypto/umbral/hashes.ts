import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ORDER } from '../keys.ts';
import { TAGS, U } from './parameters.ts';
import { toBigint, toScalar } from './scalars.ts';
import type { Capsule, Cfrag } from './types.ts';

/*
 * The hashes of the paper as one construction: SHA-256(u32be tag length ‖ tag ‖ compressed points ‖ bytes) mod (n − 1) + 1.
 * Reducing 256 bits favours some scalars by 2⁻¹²⁷, which nobody can use.
 */
function hashToScalar(primitives: Primitives, tag: Uint8Array, ...parts: readonly Uint8Array[]): SecretKey {
  const digest = primitives.hash(concat(Uint8Array.of(0, 0, 0, tag.length), tag, ...parts));
  return toScalar((toBigint(digest) % (ORDER - 1n)) + 1n);
}

/** H₂(E, V): ties the two halves of a capsule together. */
export const capsuleHash = (primitives: Primitives, { e, v }: Pick<Capsule, 'e' | 'v'>): SecretKey =>
  hashToScalar(primitives, TAGS.capsule, e, v);

/** What delegator and receiver share in one grant: Diffie-Hellman of X_A and the receiving key. */
export interface GrantSecret {
  readonly precursor: PublicKey;
  readonly receivingPk: PublicKey;
  /** x_A · receiving key = receiving secret · X_A. Secret. */
  readonly shared: Uint8Array;
}

/** d = H₃(X_A, receiving key, shared): the factor that no holder knows. */
export const grantFactor = (primitives: Primitives, { precursor, receivingPk, shared }: GrantSecret): SecretKey =>
  hashToScalar(primitives, TAGS.sharedSecret, precursor, receivingPk, shared);

/** x = H₅(X_A, receiving key, shared, id): the place of a fragment on the grant's polynomial. */
export const polynomialPlace = (primitives: Primitives, grant: GrantSecret, id: Uint8Array): SecretKey =>
  hashToScalar(primitives, TAGS.polynomialArgument, grant.precursor, grant.receivingPk, grant.shared, id);

/** The challenge of a cfrag's proof, in the order E E₁ E₂ V V₁ V₂ U U₁ U₂. */
export const proofChallenge = (
  primitives: Primitives,
  { e, v }: Capsule,
  { e1, e2, v1, v2, commitment, u2 }: Omit<Cfrag, 'z'>,
): SecretKey => hashToScalar(primitives, TAGS.cfragVerification, e, e1, e2, v, v1, v2, U, commitment, u2);

/** The challenge of a capsule's signature: both halves of the key, the announcement, the message. */
export const signatureChallenge = (
  primitives: Primitives,
  { e, v }: Capsule,
  announcement: PublicKey,
  message: Uint8Array,
): SecretKey => hashToScalar(primitives, TAGS.capsuleSignature, announcement, e, v, message);

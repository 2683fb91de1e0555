import type { PublicKey } from '../../base/brand.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';

/*
 * What everybody who speaks Umbral with us has to share: two points whose ratio nobody knows, and a tag per hash. The byte forms
 * are those of the published vectors (docs/specification/umbral.md).
 */

/** G, the generator of secp256k1 (SEC 2, section 2.4.1). */
export const G = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798') as PublicKey;

/**
 * U, in whose multiples a fragment is committed to: hash_to_curve('POINT_U') under the tag 'PARAMETERS' (RFC 9380, suite
 * secp256k1_XMD:SHA-256_SSWU_RO_). Nobody knows its logarithm, because nobody chose it.
 */
export const U = fromHex('03079390d0fbe220fc34aab8ecbf49098098036820fadb98c03143e55db8ec73cd') as PublicKey;

/** One per use of the hash to a scalar. The last is ours alone: the library has no capsule signatures. */
export const TAGS = {
  capsule: utf8('CAPSULE_POINTS'),
  sharedSecret: utf8('SHARED_SECRET'),
  polynomialArgument: utf8('POLYNOMIAL_ARG'),
  cfragVerification: utf8('CFRAG_VERIFICATION'),
  capsuleSignature: utf8('carechain/umbral/capsule-signature/v1'),
} as const;

/** Random bytes behind one call of this folder. They are expanded by HKDF, and serve once. */
export const UMBRAL_ENTROPY_BYTES = 32;
export const POINT_BYTES = 33;
export const SCALAR_BYTES = 32;
export const FRAGMENT_ID_BYTES = 32;
/** r ‖ s, low s, without the recovery bit: as the library writes it. */
export const COMPACT_SIGNATURE_BYTES = 64;

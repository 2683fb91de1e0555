import type { Hash, PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, copyOf, equal, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { signatureChallenge } from './hashes.ts';
import { G, POINT_BYTES, SCALAR_BYTES } from './parameters.ts';
import { expander } from './scalars.ts';
import type { Capsule } from './types.ts';

/*
 * Who made a capsule? A Schnorr signature with the secret r + u, whose public half E + V stands in the capsule itself, so that
 * nobody can register another's capsule under a record of his own (PRIVACY.md, "Envelope"). Umbral has no such signature.
 *
 *   R = k · G        c = H(tag, R, E, V, message)        w = k + c · (r + u)        signature = R ‖ w
 *   valid where      w · G = R + c · (E + V)
 *
 * The challenge holds E and V apart: the signature is one capsule's, not one sum's.
 */
export const CAPSULE_SIGNATURE_BYTES = POINT_BYTES + SCALAR_BYTES;

export interface CapsuleSigning {
  readonly capsule: Capsule;
  /** r + u, from `encapsulate`. */
  readonly authorScalar: SecretKey;
  /** A digest that names its purpose and the chain. */
  readonly message: Hash;
  /** 32 random bytes. Were they to repeat, the nonce would still depend on key and message. */
  readonly nonceEntropy: Uint8Array;
}

export function signCapsule(primitives: Primitives, signing: CapsuleSigning): Uint8Array {
  const { capsule, authorScalar, message, nonceEntropy } = signing;
  const nonce = expander(nonceEntropy, authorScalar, capsule.e, capsule.v, message).scalar(
    utf8('carechain/umbral/capsule-signature-nonce'),
  );
  const announcement = primitives.publicKeyOf(nonce);
  const challenge = signatureChallenge(primitives, capsule, announcement, message);
  return concat(announcement, primitives.addScalars(nonce, primitives.multiplyScalars(challenge, authorScalar)));
}

export function verifyCapsuleSignature(
  primitives: Primitives,
  capsule: Capsule,
  message: Hash,
  signature: Uint8Array,
): Result<true, CryptoCode> {
  return isCapsuleSignature(primitives, capsule, message, signature)
    ? ok(true)
    : refuse('crypto-umbral.capsule-signature-invalid');
}

function isCapsuleSignature(primitives: Primitives, capsule: Capsule, message: Hash, signature: Uint8Array): boolean {
  if (signature.length !== CAPSULE_SIGNATURE_BYTES) return false;
  const announcement = copyOf(signature, 0, POINT_BYTES) as PublicKey;
  const author = primitives.addPoints([capsule.e, capsule.v]);
  const claimed = primitives.multiplyPublic(signature.subarray(POINT_BYTES), G);
  if (author === undefined || claimed === undefined) return false;
  const challenge = signatureChallenge(primitives, capsule, announcement, message);
  const scaled = primitives.multiplyPublic(challenge, author);
  const expected = scaled && primitives.addPoints([announcement, scaled]);
  return expected !== undefined && equal(claimed, expected);
}

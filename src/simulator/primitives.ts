import type { Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { concat, equal, toHex, utf8 } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';

const MAC_TAG = utf8('simulated signature');
const KEY_TAG = utf8('simulated public key');

/**
 * Signatures as keyed hashes, for simulations of many heights: about a thousandth of the cost of curve arithmetic in JavaScript.
 * They hold only within one object, which knows every secret that it was shown; everything else comes from `base`.
 * A run prints `name`, so that nobody takes its figures for those of real signatures.
 *
 *   public key   02 ‖ SHA-256(tag ‖ secret)
 *   signature    SHA-256(tag ‖ secret ‖ digest) ‖ the key's 32 bytes ‖ 00
 */
export function simulatedPrimitives(base: Primitives): Primitives {
  const secrets = new Map<string, SecretKey>();
  const keys = new WeakMap<SecretKey, PublicKey>();
  const mac = (secret: SecretKey, digest: Hash): Hash => base.hash(concat(MAC_TAG, secret, digest));

  const publicKeyOf = (secret: SecretKey): PublicKey => {
    const known = keys.get(secret);
    if (known !== undefined) return known;
    const key = concat(Uint8Array.of(2), base.hash(concat(KEY_TAG, secret))) as PublicKey;
    keys.set(secret, key);
    secrets.set(toHex(key), secret);
    return key;
  };

  const recover = (digest: Hash, signature: Signature): PublicKey | undefined => {
    if (signature.length !== 65 || signature[64] !== 0) return undefined;
    const key = concat(Uint8Array.of(2), signature.subarray(32, 64)) as PublicKey;
    const secret = secrets.get(toHex(key));
    return secret !== undefined && equal(mac(secret, digest), signature.subarray(0, 32)) ? key : undefined;
  };

  return {
    ...base,
    name: 'simulated (keyed hash)',
    publicKeyOf,
    // These keys are hashes: whether one alone is a point is not asked of the curve.
    addPoints: (points) => (points.length === 1 ? (points[0] as PublicKey) : base.addPoints(points)),
    recover,
    sign: (digest, secret) =>
      concat(mac(secret, digest), publicKeyOf(secret).subarray(1), Uint8Array.of(0)) as Signature,
    verify(digest, signature, publicKey) {
      const signer = recover(digest, signature);
      return signer !== undefined && equal(signer, publicKey);
    },
  };
}

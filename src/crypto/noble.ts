import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import * as secp from '@noble/secp256k1';
import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, Signature } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { hasValidForm } from './signature-form.ts';

/** noble-secp256k1 brings no hash of its own; RFC 6979 needs HMAC-SHA-256. */
secp.hashes.sha256 = sha256;
secp.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

const TAG_BYTES = 16;

/** The default primitives: pure JavaScript, audited, the same in a browser, a simulator and a node. */
export const noblePrimitives: Primitives = {
  name: '@noble (JavaScript)',

  hash: (bytes) => sha256(bytes) as Uint8Array as Hash,

  hashPairs(pairs) {
    assert(pairs.length % 64 === 0, 'pairs are 64 bytes each');
    const hashes = new Uint8Array(pairs.length / 2);
    for (let at = 0; at < pairs.length; at += 64) hashes.set(sha256(pairs.subarray(at, at + 64)), at / 2);
    return hashes;
  },

  verify(digest, signature, publicKey) {
    const signer = recover(digest, signature);
    return signer !== undefined && equal(signer, publicKey);
  },

  recover,

  sign(digest, secretKey) {
    assert(digest.length === 32, 'a digest is 32 bytes');
    // noble hashes its input unless told that it already is a digest.
    const made = secp.sign(digest, secretKey, { prehash: false, lowS: true, extraEntropy: false, format: 'recovered' });
    const v = made[0] as number;
    assert(v <= 1, 'R.x is below n');
    const signature = new Uint8Array(65);
    signature.set(made.subarray(1));
    signature[64] = v;
    return signature as Signature;
  },

  publicKeyOf: (secretKey) => secp.getPublicKey(secretKey, true) as Uint8Array as PublicKey,

  ecdh(secretKey, publicKey) {
    assert(secp.utils.isValidSecretKey(secretKey), 'a secret key is a scalar in [1, n)');
    if (!secp.utils.isValidPublicKey(publicKey, true)) return undefined;
    return secp.getSharedSecret(secretKey, publicKey, true);
  },

  seal(key, nonce, plaintext, associatedData) {
    checkCipherInput(key, nonce);
    return gcm(key, nonce, associatedData).encrypt(plaintext);
  },

  open(key, nonce, sealed, associatedData) {
    checkCipherInput(key, nonce);
    if (sealed.length < TAG_BYTES) return undefined;
    try {
      return gcm(key, nonce, associatedData).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
};

function recover(digest: Hash, signature: Signature): PublicKey | undefined {
  if (digest.length !== 32 || !hasValidForm(signature)) return undefined;
  const recovered = new Uint8Array(65);
  recovered[0] = signature[64] as number;
  recovered.set(signature.subarray(0, 64), 1);
  try {
    return secp.recoverPublicKey(recovered, digest, { prehash: false, isCompressed: true }) as Uint8Array as PublicKey;
  } catch {
    return undefined;
  }
}

/** noble would also take 128-bit keys and other nonce lengths: Carechain has one cipher. */
function checkCipherInput(key: Uint8Array, nonce: Uint8Array): void {
  assert(key.length === 32, 'an AES-256 key is 32 bytes');
  assert(nonce.length === 12, 'a GCM nonce is 12 bytes');
}

import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import * as secp from '@noble/secp256k1';
import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
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

  addPoints(points) {
    assert(points.length > 0, 'a sum has summands');
    let sum = secp.Point.ZERO;
    for (const bytes of points) {
      const point = readPoint(bytes);
      if (point === undefined) return undefined;
      sum = sum.add(point);
    }
    return sum.is0() ? undefined : (sum.toBytes(true) as PublicKey);
  },

  multiplyPublic(scalar, point) {
    const factor = readPoint(point);
    if (factor === undefined || !secp.utils.isValidSecretKey(scalar)) return undefined;
    return factor.multiplyUnsafe(secp.etc.secretKeyToScalar(scalar)).toBytes(true) as PublicKey;
  },

  addScalars: (a, b) => writeScalar(readScalar(a) + readScalar(b)),

  multiplyScalars: (a, b) => writeScalar(readScalar(a) * readScalar(b)),

  seal(key, nonce, plaintext, associatedData) {
    checkCipherInput(key, nonce);
    return gcm(key, nonce, associatedData).encrypt(plaintext);
  },

  sealDetached(key, nonce, plaintext) {
    const sealed = noblePrimitives.seal(key, nonce, plaintext);
    return [sealed.subarray(0, plaintext.length), sealed.subarray(plaintext.length)];
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

/** A point from its compressed form alone: noble would also take 65 bytes. */
function readPoint(bytes: Uint8Array): secp.Point | undefined {
  if (bytes.length !== 33) return undefined;
  try {
    return secp.Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

function readScalar(scalar: SecretKey): bigint {
  assert(secp.utils.isValidSecretKey(scalar), 'a scalar lies in [1, n)');
  return secp.etc.secretKeyToScalar(scalar);
}

function writeScalar(value: bigint): SecretKey {
  const reduced = secp.etc.mod(value, secp.Point.CURVE().n);
  assert(reduced > 0n, 'no secret scalar is zero');
  return secp.etc.numberToBytesBE(reduced) as Uint8Array as SecretKey;
}

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

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { assert } from '../base/assert.ts';
import { concat } from '../base/bytes.ts';

const SHA256_BYTES = 32;
const SHA512_BYTES = 64;

/** HKDF-SHA-256 (RFC 5869): extract, then expand to `outputBytes` (at most 255 · 32). An empty salt is 32 zero bytes. */
export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, outputBytes: number): Uint8Array {
  assert(outputBytes <= 255 * SHA256_BYTES, 'HKDF-SHA-256 yields at most 255 blocks');
  return hkdf(sha256, secret, salt, info, outputBytes);
}

/**
 * HKDF-Expand-SHA-512 (RFC 5869, section 2.3) of a uniformly random `key`. noble's own `expand` refuses keys shorter than the
 * hash, while C2SP chunked-encryption expands 32-byte keys (as NIST SP 800-108 allows), so the loop is written out:
 * T(i) = HMAC(key, T(i − 1) ‖ info ‖ i).
 */
export function hkdfExpandSha512(key: Uint8Array, info: Uint8Array, outputBytes: number): Uint8Array {
  assert(outputBytes <= 255 * SHA512_BYTES, 'HKDF-SHA-512 yields at most 255 blocks');
  const output = new Uint8Array(outputBytes);
  let block: Uint8Array = new Uint8Array(0);
  for (let i = 1, at = 0; at < outputBytes; i++, at += SHA512_BYTES) {
    block = hmac(sha512, key, concat(block, info, Uint8Array.of(i)));
    output.set(block.subarray(0, outputBytes - at), at);
  }
  return output;
}

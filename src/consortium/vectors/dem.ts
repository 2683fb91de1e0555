import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdfSha256 } from '../../crypto/hkdf.ts';

/*
 * The library's own data encapsulation, with which its vectors were made: XChaCha20-Poly1305 under HKDF-SHA-256 of the shared
 * point, the capsule as associated data, the nonce in front. Records of this project are encrypted otherwise
 * (`src/crypto/record.ts`), and nothing but the check of vectors and the tests uses this.
 */
const NONCE_BYTES = 24;
const KEY_BYTES = 32;
const NOTHING = new Uint8Array(0);

export const libraryKeyOf = (shared: Uint8Array): Uint8Array => hkdfSha256(shared, NOTHING, NOTHING, KEY_BYTES);

/** The plaintext, or `undefined` where the tag does not hold. `associated`: the capsule in its simple encoding. */
export function openAsLibrary(
  shared: Uint8Array,
  associated: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  try {
    const nonce = ciphertext.subarray(0, NONCE_BYTES);
    return xchacha20poly1305(libraryKeyOf(shared), nonce, associated).decrypt(ciphertext.subarray(NONCE_BYTES));
  } catch {
    return undefined;
  }
}

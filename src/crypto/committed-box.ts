import { concat, equalSecret } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';

/*
 * AES-256-GCM under keys that serve one message. AES-GCM does not commit to its key, so a commitment derived beside the key
 * stands in front, and is checked first.
 *
 *   key (32) ‖ nonce (12) ‖ commitment (32) = one HKDF output        sealed = commitment ‖ AES-256-GCM(key, nonce, secret)
 */
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const COMMITMENT_BYTES = 32;
/** What HKDF has to yield. */
export const BOX_KEYS_BYTES = KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES;
/** What a box is longer than its content. */
export const BOX_OVERHEAD_BYTES = COMMITMENT_BYTES + 16;

/** `keys`: fresh for this one secret; the nonce is derived and never repeats under them. */
export const sealCommitted = (primitives: Primitives, keys: Uint8Array, secret: Uint8Array): Uint8Array =>
  concat(commitmentIn(keys), primitives.seal(keyIn(keys), nonceIn(keys), secret));

export function openCommitted(
  primitives: Primitives,
  keys: Uint8Array,
  sealed: Uint8Array,
): Result<Uint8Array, CryptoCode> {
  if (!equalSecret(commitmentIn(keys), sealed.subarray(0, COMMITMENT_BYTES))) return refuse('crypto-box.wrong-key');
  const secret = primitives.open(keyIn(keys), nonceIn(keys), sealed.subarray(COMMITMENT_BYTES));
  return secret === undefined ? refuse('crypto-box.damaged') : ok(secret);
}

const keyIn = (keys: Uint8Array): Uint8Array => keys.subarray(0, KEY_BYTES);
const nonceIn = (keys: Uint8Array): Uint8Array => keys.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
const commitmentIn = (keys: Uint8Array): Uint8Array => keys.subarray(KEY_BYTES + NONCE_BYTES);

import { assert } from '../base/assert.ts';
import type { PublicKey, SecretKey } from '../base/brand.ts';
import { concat, equalSecret, utf8 } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';
import { hkdfSha256 } from './hkdf.ts';
import { scalarFromUniform } from './keys.ts';

/*
 * A small secret sealed to a public key: ephemeral secp256k1 ECDH, HKDF-SHA-256, AES-256-GCM.
 *
 *   shared = e · recipient, as 33 bytes                       capsule = e · G
 *   key (32) ‖ nonce (12) ‖ commitment (32) = HKDF-SHA-256(shared, salt = capsule ‖ recipient, info = purpose ‖ context)
 *   sealed = commitment ‖ AES-256-GCM(key, nonce, secret)
 *
 * Each box has its own ephemeral key, so the derived nonce never repeats under a key. The commitment is checked first, because
 * AES-GCM does not commit to its key.
 */
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const COMMITMENT_BYTES = 32;
/** What a box is longer than its content. */
export const BOX_OVERHEAD_BYTES = COMMITMENT_BYTES + 16;

/** One per use: a box made for one cannot be opened as another. */
export type BoxPurpose = 'envelope' | 'fragment' | 'share';

export interface SealedBox {
  /** The ephemeral public key. */
  readonly capsule: PublicKey;
  readonly sealed: Uint8Array;
}

export interface BoxLabel {
  readonly purpose: BoxPurpose;
  /** Canonical bytes of what the content belongs to; whoever opens the box must name the same. */
  readonly context: Uint8Array;
}

/** `entropy` is 48 random bytes, never used twice. */
export function sealBox(
  primitives: Primitives,
  { recipient, entropy, label }: { recipient: PublicKey; entropy: Uint8Array; label: BoxLabel },
  secret: Uint8Array,
): Result<SealedBox, CryptoCode> {
  const ephemeral = scalarFromUniform(entropy);
  const shared = primitives.ecdh(ephemeral, recipient);
  if (shared === undefined) return refuse('crypto-box.invalid-public-key');
  const capsule = primitives.publicKeyOf(ephemeral);
  const keys = deriveKeys(shared, capsule, recipient, label);
  return ok({ capsule, sealed: concat(keys.commitment, primitives.seal(keys.key, keys.nonce, secret)) });
}

export function openBox(
  primitives: Primitives,
  { secretKey, label }: { secretKey: SecretKey; label: BoxLabel },
  { capsule, sealed }: SealedBox,
): Result<Uint8Array, CryptoCode> {
  assert(sealed.length >= BOX_OVERHEAD_BYTES, 'the format bounds the box from below');
  const shared = primitives.ecdh(secretKey, capsule);
  if (shared === undefined) return refuse('crypto-box.invalid-public-key');
  const keys = deriveKeys(shared, capsule, primitives.publicKeyOf(secretKey), label);
  if (!equalSecret(keys.commitment, sealed.subarray(0, COMMITMENT_BYTES))) return refuse('crypto-box.wrong-key');
  const secret = primitives.open(keys.key, keys.nonce, sealed.subarray(COMMITMENT_BYTES));
  return secret === undefined ? refuse('crypto-box.damaged') : ok(secret);
}

function deriveKeys(shared: Uint8Array, capsule: PublicKey, recipient: PublicKey, label: BoxLabel) {
  const info = concat(utf8(`carechain/box/v1/${label.purpose}\0`), label.context);
  const output = hkdfSha256(shared, concat(capsule, recipient), info, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES);
  return {
    key: output.subarray(0, KEY_BYTES),
    nonce: output.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    commitment: output.subarray(KEY_BYTES + NONCE_BYTES),
  };
}

import { assert } from '../base/assert.ts';
import type { PublicKey, SecretKey } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';
import { BOX_KEYS_BYTES, BOX_OVERHEAD_BYTES, openCommitted, sealCommitted } from './committed-box.ts';
import { hkdfSha256 } from './hkdf.ts';
import { scalarFromUniform } from './keys.ts';

/*
 * A small secret sealed to a public key: ephemeral secp256k1 ECDH, HKDF-SHA-256, AES-256-GCM.
 *
 *   shared = e · recipient, as 33 bytes                       capsule = e · G
 *   keys = HKDF-SHA-256(shared, salt = capsule ‖ recipient, info = purpose ‖ context)
 *   sealed = the secret under those keys (`committed-box.ts`)
 *
 * Each box has its own ephemeral key, so its keys serve once.
 */

/** One per use: a box made for one cannot be opened as another. */
export type BoxPurpose =
  | 'fragment'
  | 'share'
  | 'handle-key-share'
  | 'search-token'
  | 'break-glass-reason'
  | 'guardian-letter'
  | 'guardian-share'
  | 'guardian-release';

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
  return ok({ capsule, sealed: sealCommitted(primitives, deriveKeys(shared, capsule, recipient, label), secret) });
}

export function openBox(
  primitives: Primitives,
  { secretKey, label }: { secretKey: SecretKey; label: BoxLabel },
  { capsule, sealed }: SealedBox,
): Result<Uint8Array, CryptoCode> {
  assert(sealed.length >= BOX_OVERHEAD_BYTES, 'the format bounds the box from below');
  const shared = primitives.ecdh(secretKey, capsule);
  if (shared === undefined) return refuse('crypto-box.invalid-public-key');
  return openCommitted(primitives, deriveKeys(shared, capsule, primitives.publicKeyOf(secretKey), label), sealed);
}

const deriveKeys = (shared: Uint8Array, capsule: PublicKey, recipient: PublicKey, label: BoxLabel): Uint8Array =>
  hkdfSha256(
    shared,
    concat(capsule, recipient),
    concat(utf8(`carechain/box/v1/${label.purpose}\0`), label.context),
    BOX_KEYS_BYTES,
  );

import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { concat, u64be } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { BOX_OVERHEAD_BYTES } from './committed-box.ts';
import { unwrapDataKey, wrapDataKey } from './data-key.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import type { RecordName } from './record.ts';
import { decapsulateOriginal, encapsulate, verifyCapsule } from './umbral/capsule.ts';
import { CAPSULE_SIGNATURE_BYTES, signCapsule, verifyCapsuleSignature } from './umbral/capsule-signature.ts';
import { capsuleSimple } from './umbral/encoding.ts';
import { UMBRAL_ENTROPY_BYTES } from './umbral/parameters.ts';
import type { Capsule, Verified } from './umbral/types.ts';

/*
 * The envelope lies beside a record's blob and can be erased without it: an Umbral capsule for the delegating key of the record's
 * category and epoch, the data key wrapped under the capsule's key, and its author's signature with the capsule's own secret
 * (PRIVACY.md, "A record", 3). The chain holds only a salted hash of it.
 *
 *   bytes = capsule (98) ‖ canonical map of the rest        commitment = SHA-256(salt ‖ capsule ‖ SHA-256(rest))
 *
 * So in a dispute the capsule can be shown to the chain, and the wrapped key need not.
 */
export const UMBRAL_SCHEME = 'umbral-v1';
export const DATA_KEY_BYTES = 32;
export const ENVELOPE_SALT_BYTES = 32;
export const CAPSULE_BYTES = capsuleSimple.bytes;
/** For a capsule, and for its author's signature. */
export const ENVELOPE_ENTROPY_BYTES = 2 * UMBRAL_ENTROPY_BYTES;

/** Which delegating key the data key is sealed to. */
export interface KeyId {
  /** Opaque on chain: it names a key, and no illness. */
  readonly category: Uint8Array;
  readonly epoch: number;
}

/** One name for storage and for order: by category, then by epoch. */
export const keyIdBytes = ({ category, epoch }: KeyId): Uint8Array => concat(category, u64be(epoch));

export interface Envelope {
  readonly capsule: Capsule;
  readonly scheme: typeof UMBRAL_SCHEME;
  readonly recordId: Uint8Array;
  /** The record's version, as in its name. */
  readonly version: number;
  readonly keyId: KeyId;
  readonly wrappedKey: Uint8Array;
  /** Who made the capsule; also whoever registers the envelope: the chain compares. */
  readonly author: PublicKey;
  readonly capsuleSignature: Uint8Array;
}

export const recordIdShape = shape.bytes(32);
export const versionShape = shape.uint(CRYPTO_LIMITS.versionMax);
export const keyIdShape = shape.struct({
  category: shape.bytes(1, CRYPTO_LIMITS.categoryBytesMax),
  epoch: versionShape,
});

const restShape: shape.Shape<Omit<Envelope, 'capsule'>> = shape.struct({
  scheme: shape.oneOf(UMBRAL_SCHEME),
  recordId: recordIdShape,
  version: versionShape,
  keyId: keyIdShape,
  wrappedKey: shape.bytes(DATA_KEY_BYTES + BOX_OVERHEAD_BYTES),
  author: shape.publicKey,
  capsuleSignature: shape.bytes(CAPSULE_SIGNATURE_BYTES),
});

export function encodeEnvelope({ capsule, ...rest }: Envelope): Uint8Array {
  return concat(capsuleSimple.encode(capsule), encode(rest as unknown as Canonical));
}

export function decodeEnvelope(primitives: Primitives, bytes: Uint8Array): Result<Envelope, ReadCode> {
  const capsule = capsuleSimple.decode(primitives, bytes.slice(0, CAPSULE_BYTES));
  if (!capsule.ok) return capsule;
  const value = decode(bytes.slice(CAPSULE_BYTES), CRYPTO_LIMITS.envelopeBytesMax);
  const rest = value.ok ? restShape(value.value, 'envelope') : value;
  return rest.ok ? ok({ capsule: capsule.value, ...rest.value }) : rest;
}

export interface SealEnvelopeInput {
  readonly name: RecordName;
  readonly keyId: KeyId;
  /** The content id of the ciphertext, in binary. */
  readonly cid: Uint8Array;
  /** 32 random bytes; the author's device drops them afterwards. */
  readonly dataKey: Uint8Array;
  readonly delegatingKey: PublicKey;
  /** The account key that will register the record. */
  readonly author: PublicKey;
  /** `ENVELOPE_ENTROPY_BYTES` random bytes, never used twice. */
  readonly entropy: Uint8Array;
}

export function sealEnvelope(primitives: Primitives, input: SealEnvelopeInput): Result<Envelope, CryptoCode> {
  const { name, keyId, cid, dataKey, delegatingKey, author, entropy } = input;
  const { category } = keyId;
  assert(dataKey.length === DATA_KEY_BYTES, 'a data key is 32 bytes');
  assert(category.length > 0 && category.length <= CRYPTO_LIMITS.categoryBytesMax, 'a category id is bounded');
  assert(entropy.length === ENVELOPE_ENTROPY_BYTES, 'randomness comes in full');
  const made = encapsulate(primitives, delegatingKey, entropy.subarray(0, UMBRAL_ENTROPY_BYTES));
  if (!made.ok) return made;
  const { capsule, shared, authorScalar } = made.value;
  const { recordId, version } = name;
  const message = authorDigest(primitives, { name, keyId, cid, author });
  const nonceEntropy = entropy.subarray(UMBRAL_ENTROPY_BYTES);
  return ok({
    capsule,
    scheme: UMBRAL_SCHEME,
    recordId,
    version,
    keyId,
    wrappedKey: wrapDataKey(primitives, { capsule, shared, name, keyId }, dataKey),
    author,
    capsuleSignature: signCapsule(primitives, { capsule, authorScalar, message, nonceEntropy }),
  });
}

/** Whether its author made this envelope for this content id on this chain: then its capsule may be re-encrypted. */
export function verifyEnvelope(
  primitives: Primitives,
  { chainId, cid }: { readonly chainId: Hash; readonly cid: Uint8Array },
  envelope: Envelope,
): Result<Verified<Capsule>, CryptoCode> {
  const { recordId, version, keyId, author, capsuleSignature } = envelope;
  const capsule = verifyCapsule(primitives, envelope.capsule);
  if (!capsule.ok) return capsule;
  const message = authorDigest(primitives, { name: { chainId, recordId, version }, keyId, cid, author });
  const signed = verifyCapsuleSignature(primitives, capsule.value, message, capsuleSignature);
  return signed.ok ? capsule : refuse('crypto-envelope.author-mismatch');
}

/** The data key, for the holder of the delegating secret. It says nothing of the author: `verifyEnvelope` does. */
export function openEnvelope(
  primitives: Primitives,
  { chainId, delegatingSecret }: { readonly chainId: Hash; readonly delegatingSecret: SecretKey },
  envelope: Envelope,
): Result<Uint8Array, CryptoCode> {
  const capsule = verifyCapsule(primitives, envelope.capsule);
  if (!capsule.ok) return capsule;
  const shared = decapsulateOriginal(primitives, delegatingSecret, capsule.value);
  return shared.ok ? dataKeyIn(primitives, { chainId, shared: shared.value }, envelope) : shared;
}

/** The data key behind a capsule's shared point, whoever found that. */
export function dataKeyIn(
  primitives: Primitives,
  { chainId, shared }: { readonly chainId: Hash; readonly shared: Uint8Array },
  { capsule, recordId, version, keyId, wrappedKey }: Envelope,
): Result<Uint8Array, CryptoCode> {
  return unwrapDataKey(primitives, { capsule, shared, name: { chainId, recordId, version }, keyId }, wrappedKey);
}

/** What the chain holds. Once salt and envelope are erased it says nothing. */
export const envelopeCommitment = (primitives: Primitives, salt: Uint8Array, envelopeBytes: Uint8Array): Hash =>
  commitmentOf(primitives, {
    salt,
    capsule: envelopeBytes.slice(0, CAPSULE_BYTES),
    restHash: primitives.hash(envelopeBytes.slice(CAPSULE_BYTES)),
  });

/** The same from what a dispute shows: the capsule, and of the rest its hash. */
export function commitmentOf(
  primitives: Primitives,
  { salt, capsule, restHash }: { readonly salt: Uint8Array; readonly capsule: Uint8Array; readonly restHash: Hash },
): Hash {
  assert(salt.length === ENVELOPE_SALT_BYTES, 'a fixed salt length keeps salt and bytes apart');
  return primitives.hash(concat(salt, capsule, restHash));
}

function authorDigest(
  primitives: Primitives,
  { name, keyId, cid, author }: { name: RecordName; keyId: KeyId; cid: Uint8Array; author: PublicKey },
): Hash {
  const { chainId, recordId, version } = name;
  const { category, epoch } = keyId;
  const signed = encode({ chainId, recordId, version, keyId: { category, epoch }, cid, author });
  return signingDigest(primitives, 'envelope-author', signed);
}

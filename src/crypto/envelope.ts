import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import type { RecordName } from './record.ts';
import { BOX_OVERHEAD_BYTES, type BoxLabel, openBox, sealBox } from './sealed-box.ts';

/*
 * The envelope lies beside a record's blob and can be erased without it. In scheme 'direct-v1' it holds the record's data key,
 * sealed to the current delegating key of the record's category, and the author's signature. The chain holds only a salted
 * hash of it (PRIVACY.md, "A record", 3). Threshold re-encryption changes the capsule and the signature, under a new scheme.
 */
export const DIRECT_SCHEME = 'direct-v1';
export const DATA_KEY_BYTES = 32;
export const ENVELOPE_SALT_BYTES = 32;

/** Which delegating key the data key is sealed to. */
export interface KeyId {
  /** Opaque on chain: it names a key, and no illness. */
  readonly category: Uint8Array;
  readonly epoch: number;
}

export interface Envelope {
  readonly scheme: typeof DIRECT_SCHEME;
  readonly recordId: Uint8Array;
  /** The record's version, as in its name. */
  readonly version: number;
  readonly keyId: KeyId;
  /** The ephemeral public key of `wrappedKey`. */
  readonly capsule: PublicKey;
  /** The data key, as the content of a sealed box. */
  readonly wrappedKey: Uint8Array;
  readonly author: PublicKey;
  readonly authorSignature: Signature;
}

export const wrappedKeyShape = shape.bytes(DATA_KEY_BYTES + BOX_OVERHEAD_BYTES);
export const recordIdShape = shape.bytes(32);
export const versionShape = shape.uint(CRYPTO_LIMITS.versionMax);

const envelopeShape: shape.Shape<Envelope> = shape.struct({
  scheme: shape.oneOf(DIRECT_SCHEME),
  recordId: recordIdShape,
  version: versionShape,
  keyId: shape.struct({ category: shape.bytes(1, CRYPTO_LIMITS.categoryBytesMax), epoch: versionShape }),
  capsule: shape.publicKey,
  wrappedKey: wrappedKeyShape,
  author: shape.publicKey,
  authorSignature: shape.signature,
});

export const encodeEnvelope = (envelope: Envelope): Uint8Array => encode(envelope as unknown as Canonical);

export function decodeEnvelope(bytes: Uint8Array): Result<Envelope, ReadCode> {
  const value = decode(bytes, CRYPTO_LIMITS.envelopeBytesMax);
  return value.ok ? envelopeShape(value.value, 'envelope') : value;
}

export interface SealEnvelopeInput {
  readonly name: RecordName;
  readonly keyId: KeyId;
  /** The content id of the ciphertext, in binary. */
  readonly cid: Uint8Array;
  /** 32 random bytes; the author's device drops them afterwards. */
  readonly dataKey: Uint8Array;
  readonly delegatingKey: PublicKey;
  readonly authorSecret: SecretKey;
  /** 48 random bytes. */
  readonly entropy: Uint8Array;
}

export function sealEnvelope(primitives: Primitives, input: SealEnvelopeInput): Result<Envelope, CryptoCode> {
  const { name, keyId, cid, dataKey, delegatingKey, authorSecret, entropy } = input;
  const { category } = keyId;
  assert(dataKey.length === DATA_KEY_BYTES, 'a data key is 32 bytes');
  assert(category.length > 0 && category.length <= CRYPTO_LIMITS.categoryBytesMax, 'a category id is bounded');
  const label = boxLabel(name, keyId);
  const box = sealBox(primitives, { recipient: delegatingKey, entropy, label }, dataKey);
  if (!box.ok) return box;
  const { capsule, sealed: wrappedKey } = box.value;
  const digest = authorDigest(primitives, { name, keyId, cid, capsule });
  return ok({
    scheme: DIRECT_SCHEME,
    recordId: name.recordId,
    version: name.version,
    keyId,
    capsule,
    wrappedKey,
    author: primitives.publicKeyOf(authorSecret),
    authorSignature: primitives.sign(digest, authorSecret),
  });
}

/** The data key, for the holder of the delegating secret. It says nothing of the author: `verifyEnvelope` does. */
export function openEnvelope(
  primitives: Primitives,
  { chainId, delegatingSecret }: { readonly chainId: Hash; readonly delegatingSecret: SecretKey },
  envelope: Envelope,
): Result<Uint8Array, CryptoCode> {
  const label = boxLabel({ chainId, recordId: envelope.recordId, version: envelope.version }, envelope.keyId);
  return openBox(
    primitives,
    { secretKey: delegatingSecret, label },
    { capsule: envelope.capsule, sealed: envelope.wrappedKey },
  );
}

/** Whether its author made this envelope for this content id on this chain. Nobody can register another's capsule. */
export function verifyEnvelope(
  primitives: Primitives,
  { chainId, cid }: { readonly chainId: Hash; readonly cid: Uint8Array },
  envelope: Envelope,
): Result<null, CryptoCode> {
  const { recordId, version, keyId, capsule, author, authorSignature } = envelope;
  const digest = authorDigest(primitives, { name: { chainId, recordId, version }, keyId, cid, capsule });
  const holds = primitives.verify(digest, authorSignature, author);
  return holds ? ok(null) : refuse('crypto-envelope.author-mismatch');
}

/** What the chain holds: SHA-256(salt ‖ bytes). Once salt and envelope are erased it says nothing. */
export function envelopeCommitment(primitives: Primitives, salt: Uint8Array, envelopeBytes: Uint8Array): Hash {
  assert(salt.length === ENVELOPE_SALT_BYTES, 'a fixed salt length keeps salt and bytes apart');
  return primitives.hash(concat(salt, envelopeBytes));
}

function authorDigest(
  primitives: Primitives,
  { name, keyId, cid, capsule }: { name: RecordName; keyId: KeyId; cid: Uint8Array; capsule: PublicKey },
): Hash {
  const { chainId, recordId, version } = name;
  const { category, epoch } = keyId;
  const signed = encode({ chainId, recordId, version, keyId: { category, epoch }, cid, capsule });
  return signingDigest(primitives, 'envelope-author', signed);
}

const boxLabel = ({ chainId, recordId, version }: RecordName, { category, epoch }: KeyId): BoxLabel => ({
  purpose: 'envelope',
  context: encode({ chainId, recordId, version, keyId: { category, epoch } }),
});

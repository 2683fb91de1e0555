import { assert } from '../base/assert.ts';
import type { Hash, PublicKey } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { SALT_BYTES, sealedLengthOf } from '../crypto/cobblestone.ts';
import type { CryptoCode } from '../crypto/codes.ts';
import {
  DATA_KEY_BYTES,
  ENVELOPE_ENTROPY_BYTES,
  ENVELOPE_SALT_BYTES,
  encodeEnvelope,
  envelopeCommitment,
  type KeyId,
  sealEnvelope,
} from '../crypto/envelope.ts';
import { padmeLength } from '../crypto/padme.ts';
import { type RecordName, sealRecord } from '../crypto/record.ts';
import type { Upload } from './api.ts';
import type { Content } from './content.ts';
import { contentIdOf } from './content-id.ts';
import type { Device, Hasher } from './device.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { sealStream } from './stream-record.ts';

/** A record as it leaves the author's device: nothing in it opens without the owner's delegating key. */
export interface SealedRecord {
  readonly ciphertext: Uint8Array;
  readonly cid: Uint8Array;
  readonly envelope: Uint8Array;
  /** Kept beside the envelope and erased with it: the chain's commitment then says nothing. */
  readonly salt: Uint8Array;
  readonly envelopeHash: Hash;
}

export interface SealInput {
  readonly name: RecordName;
  readonly keyId: KeyId;
  /** The owner's current delegating key of the category, proven by the state. */
  readonly delegatingKey: PublicKey;
  /** The author's account key. */
  readonly author: PublicKey;
}

/** Encrypts under a new data key, which is overwritten afterwards: the author reads again only through a grant. */
export async function sealForOwner(
  device: Device,
  input: SealInput,
  plaintext: Uint8Array,
): Promise<Result<SealedRecord, CryptoCode>> {
  const { primitives } = device;
  const dataKey = newDataKey(device);
  try {
    const salt = device.random(SALT_BYTES);
    const ciphertext = sealRecord(primitives, { key: dataKey, salt, name: input.name }, plaintext);
    if (!ciphertext.ok) return ciphertext;
    const cid = await contentIdOf(ciphertext.value);
    const wrapped = wrap(device, input, dataKey, cid);
    return wrapped.ok ? ok({ ciphertext: ciphertext.value, ...wrapped.value }) : wrapped;
  } finally {
    dataKey.fill(0);
  }
}

/** A record that is encrypted as it is sent: `SealedRecord`, but for the ciphertext. */
export interface SealedStream extends Omit<SealedRecord, 'ciphertext'> {
  /** It opens once: the same key must never seal what a file holds a moment later. */
  readonly ciphertext: Upload;
  /** Overwrites the data key. What is sent until then is whole. */
  erase(): void;
}

/**
 * `sealForOwner` for content of any size. It is encrypted twice under the same key: now, to know digest and content id before
 * anything is signed or leaves the device, and again as it is sent. Nothing is stored in between. Throws where the content
 * changes its length meanwhile; where it changes otherwise, the hospital finds another digest than the one that was signed.
 */
export async function sealContentForOwner(
  device: Device,
  input: SealInput,
  content: Content,
): Promise<Result<SealedStream, CryptoCode>> {
  const bytes = sealedLengthOf(padmeLength(content.bytes + 1));
  const bytesMax = CLIENT_LIMITS.streamBytesMax;
  if (bytes > bytesMax) return refuse('crypto-record.too-large', { bytes, bytesMax });
  const keys = { key: newDataKey(device), salt: device.random(SALT_BYTES), name: input.name };
  const erase = (): void => void keys.key.fill(0);
  try {
    const hasher = device.hasher();
    const cid = await contentIdOf(hashing(hasher, sealStream(device.primitives, keys, content)));
    const wrapped = wrap(device, input, keys.key, cid);
    if (!wrapped.ok) {
      erase();
      return wrapped;
    }
    let opened = false;
    const open = (): AsyncIterable<Uint8Array> => {
      assert(!opened, 'a sealed stream is sent once');
      opened = true;
      return sealStream(device.primitives, keys, content);
    };
    return ok({ ciphertext: { bytes, sha256: hasher.digest() as Hash, open }, erase, ...wrapped.value });
  } catch (error) {
    erase();
    throw error;
  }
}

async function* hashing(hasher: Hasher, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hasher.update(piece);
    yield piece;
  }
}

function newDataKey(device: Device): Uint8Array {
  const dataKey = device.random(DATA_KEY_BYTES);
  assert(dataKey.length === DATA_KEY_BYTES, 'randomness comes in full');
  return dataKey;
}

/** The envelope of a data key, for a ciphertext that is known: when it is sealed, and when its owner rewraps it. */
export function wrap(
  device: Device,
  { name, keyId, delegatingKey, author }: SealInput,
  dataKey: Uint8Array,
  cid: Uint8Array,
): Result<Omit<SealedRecord, 'ciphertext'>, CryptoCode> {
  const { primitives } = device;
  const salt = device.random(ENVELOPE_SALT_BYTES);
  assert(salt.length === ENVELOPE_SALT_BYTES, 'randomness comes in full');
  const entropy = device.random(ENVELOPE_ENTROPY_BYTES);
  const sealed = sealEnvelope(primitives, { name, keyId, cid, dataKey, delegatingKey, author, entropy });
  if (!sealed.ok) return sealed;
  const envelope = encodeEnvelope(sealed.value);
  return ok({ cid, envelope, salt, envelopeHash: envelopeCommitment(primitives, salt, envelope) });
}

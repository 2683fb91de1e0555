import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { ok, type Result } from '../base/result.ts';
import { SALT_BYTES } from '../crypto/cobblestone.ts';
import type { CryptoCode } from '../crypto/codes.ts';
import {
  DATA_KEY_BYTES,
  ENVELOPE_SALT_BYTES,
  encodeEnvelope,
  envelopeCommitment,
  type KeyId,
  sealEnvelope,
} from '../crypto/envelope.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { type RecordName, sealRecord } from '../crypto/record.ts';
import { contentIdOf } from './content-id.ts';
import type { Device } from './device.ts';

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
  readonly authorSecret: SecretKey;
}

/** Encrypts under a new data key, which is overwritten afterwards: the author reads again only through a grant. */
export async function sealForOwner(
  device: Device,
  input: SealInput,
  plaintext: Uint8Array,
): Promise<Result<SealedRecord, CryptoCode>> {
  const { primitives } = device;
  const { name, keyId, delegatingKey, authorSecret } = input;
  const dataKey = device.random(DATA_KEY_BYTES);
  const salt = device.random(ENVELOPE_SALT_BYTES);
  assert(dataKey.length === DATA_KEY_BYTES && salt.length === ENVELOPE_SALT_BYTES, 'randomness comes in full');
  try {
    const ciphertext = sealRecord(primitives, { key: dataKey, salt: device.random(SALT_BYTES), name }, plaintext);
    if (!ciphertext.ok) return ciphertext;
    const cid = await contentIdOf(ciphertext.value);
    const entropy = device.random(SCALAR_ENTROPY_BYTES);
    const sealed = sealEnvelope(primitives, { name, keyId, cid, dataKey, delegatingKey, authorSecret, entropy });
    if (!sealed.ok) return sealed;
    const envelope = encodeEnvelope(sealed.value);
    const envelopeHash = envelopeCommitment(primitives, salt, envelope);
    return ok({ ciphertext: ciphertext.value, cid, envelope, salt, envelopeHash });
  } finally {
    dataKey.fill(0);
  }
}

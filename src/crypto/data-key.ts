import { concat, utf8 } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';
import { BOX_KEYS_BYTES, openCommitted, sealCommitted } from './committed-box.ts';
import type { KeyId } from './envelope.ts';
import { hkdfSha256 } from './hkdf.ts';
import type { RecordName } from './record.ts';
import { capsuleKey } from './umbral/capsule.ts';
import type { Capsule } from './umbral/types.ts';

/** Where a data key is wrapped: under which capsule, for which record. */
export interface Wrapping {
  readonly capsule: Capsule;
  /** The capsule's shared point. Secret. */
  readonly shared: Uint8Array;
  readonly name: RecordName;
  readonly keyId: KeyId;
}

/** A record has its own random data key, so that a new envelope (`rewrap`) leaves its ciphertext as it is. */
export const wrapDataKey = (primitives: Primitives, wrapping: Wrapping, dataKey: Uint8Array): Uint8Array =>
  sealCommitted(primitives, wrappingKeys(wrapping), dataKey);

export const unwrapDataKey = (
  primitives: Primitives,
  wrapping: Wrapping,
  wrappedKey: Uint8Array,
): Result<Uint8Array, CryptoCode> => openCommitted(primitives, wrappingKeys(wrapping), wrappedKey);

/** A capsule wraps one key: what is derived from it serves once. The record's name goes in, so that no envelope serves another record. */
function wrappingKeys({ capsule, shared, name, keyId }: Wrapping): Uint8Array {
  const { chainId, recordId, version } = name;
  const { category, epoch } = keyId;
  const context = encode({ chainId, recordId, version, keyId: { category, epoch } });
  const info = concat(utf8('carechain/data-key/v1\0'), context);
  return hkdfSha256(capsuleKey(capsule, shared), new Uint8Array(0), info, BOX_KEYS_BYTES);
}

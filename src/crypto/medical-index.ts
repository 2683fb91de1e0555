import { assert } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import { BOX_KEYS_BYTES } from './committed-box.ts';
import { hkdfSha256 } from './hkdf.ts';
import { ROOT_BYTES } from './keys.ts';

/** Fresh random bytes at every writing: keys of the box serve once. */
export const MEDICAL_INDEX_SALT_BYTES = 32;
const INFO = utf8('carechain/medical-index/v1\0');

/** Keys of one writing of the index that a patient's device carries (F36), for `sealCommitted`: HKDF-SHA-256 from the identity root. */
export function medicalIndexKeys(identityRoot: Uint8Array, salt: Uint8Array): Uint8Array {
  assert(identityRoot.length === ROOT_BYTES, 'a root is 32 bytes');
  assert(salt.length === MEDICAL_INDEX_SALT_BYTES, 'a medical index is salted with 32 bytes');
  return hkdfSha256(identityRoot, salt, INFO, BOX_KEYS_BYTES);
}

import { assert } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { hkdfSha256 } from '../hkdf.ts';
import { HANDLE_SALT_BYTES, handleCommitment } from './handle.ts';

/** What a hospital alone has, on its node's disk: what its commitments are salted with. 32 random bytes. */
export const SALT_KEY_BYTES = 32;
const SALT_INFO = utf8('carechain/handle-salt/v1\0');

/**
 * What the chain holds of a person that a hospital enrols (HA-10): the commitment to the handle, with a salt that the hospital derives from the
 * handle under a key of its own. So one identity gives one commitment at one hospital, and the ledger refuses it twice; no two hospitals have
 * the same; and who has the handle without the key learns nothing from the chain.
 */
export function enrolmentCommitment(primitives: Primitives, saltKey: Uint8Array, handle: Hash): Hash {
  assert(saltKey.length === SALT_KEY_BYTES, 'a salt key is 32 bytes');
  return handleCommitment(primitives, hkdfSha256(saltKey, handle, SALT_INFO, HANDLE_SALT_BYTES), handle);
}

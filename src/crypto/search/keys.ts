import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { assert } from '../../base/assert.ts';
import type { Address, Hash } from '../../base/brand.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import { encode } from '../../base/canonical.ts';
import { hkdfSha256 } from '../hkdf.ts';
import { ROOT_BYTES } from '../keys.ts';

/*
 * Keys of one search index, by HKDF-SHA-256 from the person's identity root: one index per hospital and epoch, and one salt per
 * build of it. Keys of another hospital or epoch say nothing of these, so a trapdoor dies with its epoch (forward privacy).
 *
 *   index key   = HKDF(identity root, info = "carechain/search/v1/index" ‖ 00 ‖ { chainId, hospital, epoch, build })
 *   keyword key = HMAC(index key, "keyword" ‖ 00 ‖ keyword)
 *   label key   = HMAC(keyword key, "label")         goes to the node, as the trapdoor
 *   value key   = HMAC(keyword key, "value")         stays with who may read the postings
 *   label i     = HMAC(label key, u32be(i)), the first 16 bytes
 */
export const LABEL_BYTES = 16;
export const BUILD_BYTES = 16;
const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

/** Which index: built once by the patient's device under these names; a new `build` is 16 fresh random bytes. */
export interface IndexName {
  readonly chainId: Hash;
  readonly hospital: Address;
  /** The patient's search epoch at this hospital: a new one ends all trapdoors of the old. */
  readonly epoch: number;
  readonly build: Uint8Array;
}

export interface KeywordKeys {
  readonly labelKey: Uint8Array;
  readonly valueKey: Uint8Array;
}

/** The canonical bytes of an index's name, which every entry is bound to. */
export function indexNameBytes({ chainId, hospital, epoch, build }: IndexName): Uint8Array {
  assert(build.length === BUILD_BYTES, 'a build is named by 16 bytes');
  return encode({ chainId, hospital, epoch, build });
}

export function indexKey(identityRoot: Uint8Array, name: IndexName): Uint8Array {
  assert(identityRoot.length === ROOT_BYTES, 'a root is 32 bytes');
  return hkdfSha256(identityRoot, NO_SALT, concat(INDEX_INFO, indexNameBytes(name)), KEY_BYTES);
}

export function keywordKeys(key: Uint8Array, keyword: string): KeywordKeys {
  const keywordKey = prf(key, concat(KEYWORD, utf8(keyword)));
  return { labelKey: prf(keywordKey, LABEL), valueKey: prf(keywordKey, VALUE) };
}

/** Where the posting at `position` of a keyword's list stands. */
export function labelAt(labelKey: Uint8Array, position: number): Uint8Array {
  const counter = Uint8Array.of(position >>> 24, position >>> 16, position >>> 8, position);
  return prf(labelKey, counter).slice(0, LABEL_BYTES);
}

/** The place in key derivation of entries that belong to no keyword. No keyword has this name: it is empty. */
export const fillerKeys = (key: Uint8Array): KeywordKeys => keywordKeys(key, '');

const INDEX_INFO = utf8('carechain/search/v1/index\0');
const KEYWORD = utf8('keyword\0');
const LABEL = utf8('label');
const VALUE = utf8('value');

const prf = (key: Uint8Array, input: Uint8Array): Uint8Array => hmac(sha256, key, input);

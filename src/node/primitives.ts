import * as nodeCrypto from 'node:crypto';
import { createRequire } from 'node:module';
import { assert } from '../base/assert.ts';
import type { Hash } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { noblePrimitives } from '../crypto/noble.ts';
import { type CurvePrimitives, loadNativeCurve } from './native-secp256k1.ts';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const TAG_LENGTH = { authTagLength: TAG_BYTES };

type HashInto = (pairs: Uint8Array, hashes: Uint8Array) => void;

/** Where the addons come from: tests put in loaders that find none. */
export interface AddonLoaders {
  readonly curve?: () => CurvePrimitives | undefined;
  readonly hashPairs?: () => HashInto | undefined;
}

/**
 * The primitives of a node: libsecp256k1, hashtree and OpenSSL (node:crypto). A missing addon is replaced by something slower
 * and right; `name` says so, for the log and for every benchmark's report.
 */
export function nativePrimitives(loaders: AddonLoaders = {}): Primitives {
  const curve = (loaders.curve ?? loadNativeCurve)();
  const hashInto = (loaders.hashPairs ?? loadHashtree)();
  const curveName = curve === undefined ? '@noble/secp256k1 (slow: no libsecp256k1 addon)' : 'libsecp256k1';
  const pairsName = hashInto === undefined ? 'SHA-256 one by one (slow: no hashtree addon)' : 'hashtree';
  const { verify, recover, sign, publicKeyOf, ecdh } = curve ?? noblePrimitives;
  const { addPoints, multiplyPublic, addScalars, multiplyScalars } = curve ?? noblePrimitives;
  return {
    name: `${curveName} + ${pairsName} + node:crypto`,
    hash,
    hashPairs: (pairs) => hashPairs(hashInto ?? hashOneByOne, pairs),
    verify,
    recover,
    sign,
    publicKeyOf,
    ecdh,
    addPoints,
    multiplyPublic,
    addScalars,
    multiplyScalars,
    seal,
    sealDetached,
    open,
  };
}

function loadHashtree(): HashInto | undefined {
  try {
    const addon = createRequire(import.meta.url)('@chainsafe/hashtree') as typeof import('@chainsafe/hashtree');
    return addon.hashInto;
  } catch {
    return undefined;
  }
}

/** One-shot `crypto.hash` came with Node 20.12 and 21.7. Asked for a string of one byte a character ('binary') it is twice as fast as a Buffer. */
const hash: Primitives['hash'] =
  typeof nodeCrypto.hash === 'function'
    ? (bytes) => bytesOfBinary(nodeCrypto.hash('sha256', bytes, 'binary')) as Hash
    : (bytes) => new Uint8Array(nodeCrypto.createHash('sha256').update(bytes).digest()) as Hash;

function bytesOfBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function hashPairs(hashInto: HashInto, pairs: Uint8Array): Uint8Array {
  assert(pairs.length % 64 === 0, 'pairs are 64 bytes each');
  const hashes = new Uint8Array(pairs.length / 2);
  if (pairs.length > 0) hashInto(pairs, hashes);
  return hashes;
}

const hashOneByOne: HashInto = (pairs, hashes) => {
  for (let at = 0; at < pairs.length; at += 64) hashes.set(hash(pairs.subarray(at, at + 64)), at / 2);
};

const seal: Primitives['seal'] = (key, nonce, plaintext, associatedData) => {
  checkCipherInput(key, nonce);
  const cipher = nodeCrypto.createCipheriv(CIPHER, key, nonce, TAG_LENGTH);
  if (associatedData !== undefined) cipher.setAAD(associatedData);
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
};

/** GCM ends with an empty `final`: what `update` returned is the whole ciphertext. */
const sealDetached: Primitives['sealDetached'] = (key, nonce, plaintext) => {
  checkCipherInput(key, nonce);
  const cipher = nodeCrypto.createCipheriv(CIPHER, key, nonce, TAG_LENGTH);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return [plain(ciphertext), plain(cipher.getAuthTag())];
};

const open: Primitives['open'] = (key, nonce, sealed, associatedData) => {
  checkCipherInput(key, nonce);
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = nodeCrypto.createDecipheriv(CIPHER, key, nonce, TAG_LENGTH);
  if (associatedData !== undefined) decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
    return plain(plaintext);
  } catch {
    return undefined;
  }
};

/** The same bytes, not as a `Buffer`, whose `slice` shares memory. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** OpenSSL would also take other nonce lengths: Carechain has one. */
function checkCipherInput(key: Uint8Array, nonce: Uint8Array): void {
  assert(key.length === 32, 'an AES-256 key is 32 bytes');
  assert(nonce.length === 12, 'a GCM nonce is 12 bytes');
}

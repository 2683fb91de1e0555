import { assert } from '../base/assert.ts';
import type { Address, SecretKey } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import { hkdfSha256 } from './hkdf.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * All keys of a person come from two 32-byte roots that never leave the device (PRIVACY.md, "Keys"). The roots are apart so
 * that a guardian may be given the delegating one (read records) without the identity one (sign as the person).
 */
export const ROOT_BYTES = 32;
/** Uniform bytes behind one scalar: 128 bits more than the order, so the remainder's bias is below 2⁻¹²⁸. */
export const SCALAR_ENTROPY_BYTES = 48;

/** n, the order of secp256k1. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const NO_SALT = new Uint8Array(0);

export interface IdentityKeys {
  /** Signs transactions; its address is the person's id for life. */
  readonly account: SecretKey;
  /** Signs re-encryption fragments, whose digests carry no tag of ours: never the account key. */
  readonly fragmentSigning: SecretKey;
  /** Opens what others wrap to this person. */
  readonly receiving: SecretKey;
}

export const deriveIdentityKeys = (identityRoot: Uint8Array): IdentityKeys => ({
  account: derive(identityRoot, 'account'),
  fragmentSigning: derive(identityRoot, 'fragment-signing'),
  receiving: derive(identityRoot, 'receiving'),
});

/** The account key that takes the place of the first one, from a root of its own (`rotateKey`). */
export const deriveAccountKey = (accountRoot: Uint8Array): SecretKey => derive(accountRoot, 'rotated-account');

/** Which records a delegating key opens. Ending an epoch changes the key, and with it every later record. */
export interface DelegatingScope {
  readonly pseudonym: Address;
  /** The category's own label: it stays on the device. */
  readonly category: Uint8Array;
  readonly epoch: number;
}

export function deriveDelegatingKey(delegatingRoot: Uint8Array, scope: DelegatingScope): SecretKey {
  const { pseudonym, category, epoch } = scope;
  assert(category.length > 0 && category.length <= CRYPTO_LIMITS.categoryBytesMax, 'a category label is bounded');
  return derive(delegatingRoot, 'delegating', encode({ pseudonym, category, epoch }));
}

/** The key of one purpose and context. NUL ends the purpose, so that no purpose and context can be read as another's. */
export function derive(root: Uint8Array, purpose: string, context: Uint8Array = new Uint8Array(0)): SecretKey {
  assert(root.length === ROOT_BYTES, 'a root is 32 bytes');
  const info = concat(utf8(`carechain/key/v1/${purpose}\0`), context);
  return scalarFromUniform(hkdfSha256(root, NO_SALT, info, SCALAR_ENTROPY_BYTES));
}

/** A secret scalar from 48 uniform bytes: their value mod (n − 1), plus 1 (FIPS 186-5, A.2.1: extra random bits). */
export function scalarFromUniform(entropy: Uint8Array): SecretKey {
  assert(entropy.length === SCALAR_ENTROPY_BYTES, 'a scalar is made of 48 uniform bytes');
  let value = 0n;
  for (const byte of entropy) value = (value << 8n) | BigInt(byte);
  let scalar = (value % (ORDER - 1n)) + 1n;
  const bytes = new Uint8Array(32);
  for (let i = 31; i >= 0; i--, scalar >>= 8n) bytes[i] = Number(scalar & 0xffn);
  return bytes as SecretKey;
}

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { concat } from '../../../src/base/bytes.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import type { Result } from '../../../src/base/result.ts';
import { libraryKeyOf } from '../../../src/consortium/vectors/dem.ts';
import { scalarFromUniform } from '../../../src/crypto/keys.ts';
import { type Encapsulated, encapsulate } from '../../../src/crypto/umbral/capsule.ts';
import { generateFragments, verifyFragment } from '../../../src/crypto/umbral/fragments.ts';
import { reencrypt, verifyCfrag } from '../../../src/crypto/umbral/reencryption.ts';
import type { Capsule, Cfrag, GrantKeys, Kfrag, Verified } from '../../../src/crypto/umbral/types.ts';
import { bytesFrom } from '../support/vectors.ts';

export const ORDER_HEX = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
}
export const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.rejection.code);

/** 32 bytes that are the same in every run. */
export const entropyOf = (label: string): Uint8Array => bytesFrom(label, 32);
export const secretOf = (label: string): SecretKey => scalarFromUniform(bytesFrom(label, 48));

/** One person's grant to one reader, with every secret in it. */
export interface Grant {
  readonly delegatingSk: SecretKey;
  readonly receivingSk: SecretKey;
  readonly signerSk: SecretKey;
  readonly keys: GrantKeys;
  readonly threshold: number;
  readonly kfrags: readonly Verified<Kfrag>[];
}

export interface GrantTerms {
  readonly threshold: number;
  readonly shares: number;
  /** Whose grant it is; the same owner has the same keys. */
  readonly owner?: string;
  readonly reader?: string;
}

export function makeGrant(primitives: Primitives, label: string, terms: GrantTerms): Grant {
  const { threshold, shares, owner = 'owner', reader = 'reader' } = terms;
  const delegatingSk = secretOf(`${owner} delegating`);
  const signerSk = secretOf(`${owner} fragment-signing`);
  const receivingSk = secretOf(`${reader} receiving`);
  const keys = {
    delegatingPk: primitives.publicKeyOf(delegatingSk),
    verifyingPk: primitives.publicKeyOf(signerSk),
    receivingPk: primitives.publicKeyOf(receivingSk),
  };
  const order = { delegatingSk, receivingPk: keys.receivingPk, signerSk, threshold, shares, entropy: entropyOf(label) };
  const kfrags = must(generateFragments(primitives, order)).map((kfrag) =>
    must(verifyFragment(primitives, kfrag, keys)),
  );
  return { delegatingSk, receivingSk, signerSk, keys, threshold, kfrags };
}

export const makeCapsule = (primitives: Primitives, delegatingPk: PublicKey, label: string): Encapsulated =>
  must(encapsulate(primitives, delegatingPk, entropyOf(`capsule ${label}`)));

/** What each holder of a grant answers for a capsule, verified. */
export const makeCfrags = (
  primitives: Primitives,
  { kfrags, keys }: Grant,
  capsule: Verified<Capsule>,
): readonly Verified<Cfrag>[] =>
  kfrags.map((kfrag, i) =>
    must(verifyCfrag(primitives, capsule, reencrypt(primitives, capsule, kfrag, entropyOf(`cfrag ${i}`)), keys)),
  );

/** The library's ciphertext, made by us: nonce ‖ sealed. */
export function sealAsLibrary(shared: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = bytesFrom('nonce', 24);
  return concat(nonce, xchacha20poly1305(libraryKeyOf(shared), nonce, associated).encrypt(plaintext));
}

/** The bytes with one bit of one of them flipped. */
export function flipped(bytes: Uint8Array, at: number, bit = at % 8): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] as number) ^ (1 << bit);
  return changed;
}

/** Every choice of `size` of the items. */
export function choices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => choices(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

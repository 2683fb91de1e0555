import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equal, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { hkdfSha256 } from '../hkdf.ts';
import { capsuleHash } from './hashes.ts';
import { G } from './parameters.ts';
import { expander } from './scalars.ts';
import type { Capsule, Verified } from './types.ts';

export interface Encapsulated {
  readonly capsule: Verified<Capsule>;
  /** (r + u) · delegating key, 33 bytes: what only the delegating secret or t cfrags find again. Secret; `capsuleKey` makes a key of it. */
  readonly shared: Uint8Array;
  /** r + u, whose public half is E + V: signs as the capsule's author (`signCapsule`), then is forgotten. */
  readonly authorScalar: SecretKey;
}

/** A fresh capsule for a delegating key. `entropy`: 32 random bytes, never used twice. (Umbral paper: Encapsulate.) */
export function encapsulate(
  primitives: Primitives,
  delegatingPk: PublicKey,
  entropy: Uint8Array,
): Result<Encapsulated, CryptoCode> {
  const secrets = expander(entropy, delegatingPk);
  const [r, u] = [secrets.scalar(utf8('carechain/umbral/r')), secrets.scalar(utf8('carechain/umbral/u'))];
  const [e, v] = [primitives.publicKeyOf(r), primitives.publicKeyOf(u)];
  const s = primitives.addScalars(u, primitives.multiplyScalars(r, capsuleHash(primitives, { e, v })));
  const authorScalar = primitives.addScalars(r, u);
  const shared = primitives.ecdh(authorScalar, delegatingPk);
  if (shared === undefined) return refuse('crypto-umbral.not-a-point');
  return ok({ capsule: { e, v, s } as Capsule as Verified<Capsule>, shared, authorScalar });
}

/**
 * s · G = V + H(E, V) · E holds for whoever knew r and u. Without this check a holder would multiply its fragment with any point
 * that a stranger sends.
 */
export function verifyCapsule(primitives: Primitives, capsule: Capsule): Result<Verified<Capsule>, CryptoCode> {
  const { e, v, s } = capsule;
  const claimed = primitives.multiplyPublic(s, G);
  const hashed = primitives.multiplyPublic(capsuleHash(primitives, capsule), e);
  const expected = hashed && primitives.addPoints([v, hashed]);
  const holds = claimed !== undefined && expected !== undefined && equal(claimed, expected);
  return holds ? ok(capsule as Verified<Capsule>) : refuse('crypto-umbral.capsule-invalid');
}

/** What the owner finds: delegating secret · (E + V). The shared point, as `encapsulate` made it. */
export function decapsulateOriginal(
  primitives: Primitives,
  delegatingSk: SecretKey,
  { e, v }: Verified<Capsule>,
): Result<Uint8Array, CryptoCode> {
  const sum = primitives.addPoints([e, v]);
  const shared = sum && primitives.ecdh(delegatingSk, sum);
  return shared === undefined ? refuse('crypto-umbral.capsule-invalid') : ok(shared);
}

/** The 32-byte key of a capsule: HKDF-SHA-256 of the shared point, with the capsule as salt. */
export const capsuleKey = ({ e, v, s }: Capsule, shared: Uint8Array): Uint8Array =>
  hkdfSha256(shared, concat(e, v, s), utf8('carechain/umbral/capsule-key/v1'), 32);

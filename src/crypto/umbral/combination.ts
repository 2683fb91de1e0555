import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import { capsuleHash, type GrantSecret, grantFactor, polynomialPlace } from './hashes.ts';
import { lagrangeAtZero } from './scalars.ts';
import type { Capsule, Cfrag, Verified } from './types.ts';

/** Whose capsule it is, and who opens it. */
export interface ReadKeys {
  readonly receivingSk: SecretKey;
  readonly delegatingPk: PublicKey;
}

/**
 * The shared point of a capsule from t or more cfrags of one grant: E' = Σ λᵢ · E₁ᵢ = (a / d) · E and likewise V', so that
 * d · (E' + V') = a · (E + V). Fewer than t, or cfrags of another capsule or another grant, give points that fail the last
 * check, s · delegating key = d · (V' + H(E, V) · E'). (Umbral paper: DecapsulateFrags.)
 */
export function decapsulateReencrypted(
  primitives: Primitives,
  { receivingSk, delegatingPk }: ReadKeys,
  capsule: Verified<Capsule>,
  cfrags: readonly Verified<Cfrag>[],
): Result<Uint8Array, CryptoCode> {
  const precursor = oneGrant(cfrags);
  if (!precursor.ok) return precursor;
  const shared = primitives.ecdh(receivingSk, precursor.value);
  if (shared === undefined) return refuse('crypto-umbral.not-a-point');

  const grant = { precursor: precursor.value, receivingPk: primitives.publicKeyOf(receivingSk), shared };
  const combined = combine(primitives, grant, cfrags);
  const factor = grantFactor(primitives, grant);
  if (combined === undefined || !isOfCapsule(primitives, { capsule, delegatingPk, combined, factor }))
    return refuse('crypto-umbral.shares-do-not-open');

  const sum = primitives.addPoints([combined.e, combined.v]);
  const point = sum && primitives.ecdh(factor, sum);
  return point === undefined ? refuse('crypto-umbral.shares-do-not-open') : ok(point);
}

/** The X_A that all of them name; each fragment answers once. */
function oneGrant(cfrags: readonly Cfrag[]): Result<PublicKey, CryptoCode> {
  const precursor = cfrags[0]?.precursor;
  if (precursor === undefined) return refuse('crypto-umbral.shares-do-not-open');
  if (cfrags.length > CRYPTO_LIMITS.umbralSharesMax) return refuse('crypto-umbral.too-many-shares');
  if (!cfrags.every((cfrag) => equal(cfrag.precursor, precursor))) return refuse('crypto-umbral.shares-mixed');
  if (new Set(cfrags.map(({ id }) => toHex(id))).size < cfrags.length) return refuse('crypto-umbral.share-repeated');
  return ok(precursor);
}

type Combined = Pick<Capsule, 'e' | 'v'>;

/** E' and V'; `undefined` where a sum is the point at infinity. */
function combine(primitives: Primitives, grant: GrantSecret, cfrags: readonly Cfrag[]): Combined | undefined {
  const weights = lagrangeAtZero(cfrags.map(({ id }) => polynomialPlace(primitives, grant, id)));
  const weigh = (pointOf: (cfrag: Cfrag) => PublicKey) =>
    primitives.addPoints(
      cfrags.map((cfrag, i) => primitives.ecdh(weights[i] as SecretKey, pointOf(cfrag)) as PublicKey),
    );
  const [e, v] = [weigh(({ e1 }) => e1), weigh(({ v1 }) => v1)];
  return e && v && { e, v };
}

interface Opening {
  readonly capsule: Capsule;
  readonly delegatingPk: PublicKey;
  readonly combined: Combined;
  readonly factor: SecretKey;
}

/** The paper divides by d on one side; multiplied on the other, no secret need be inverted. */
function isOfCapsule(primitives: Primitives, { capsule, delegatingPk, combined, factor }: Opening): boolean {
  const expected = primitives.multiplyPublic(capsule.s, delegatingPk);
  const hashed = primitives.multiplyPublic(capsuleHash(primitives, capsule), combined.e);
  const sum = hashed && primitives.addPoints([combined.v, hashed]);
  const found = sum && primitives.ecdh(factor, sum);
  return expected !== undefined && found !== undefined && equal(expected, found);
}

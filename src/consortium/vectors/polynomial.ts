import type { SecretKey } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ORDER } from '../../crypto/keys.ts';
import { type GrantSecret, grantFactor, polynomialPlace } from '../../crypto/umbral/hashes.ts';
import { lagrangeAtZero, toBigint } from '../../crypto/umbral/scalars.ts';
import type { Kfrag } from '../../crypto/umbral/types.ts';

export interface PolynomialClaim {
  readonly grant: GrantSecret;
  readonly kfrags: readonly Kfrag[];
  readonly threshold: number;
  readonly delegatingSk: SecretKey;
}

/**
 * Whether d · rk are values of one polynomial of degree t − 1 with the delegating secret at zero. Every t neighbours have to
 * give that secret. Two neighbourhoods share t − 1 places and the value at zero, which is t points: so all of them, and with
 * them every choice of t fragments, belong to one polynomial of degree t − 1 at most. That it is not less shows in t − 1 of
 * them, which must not give the secret.
 */
export function liesOnPolynomial(primitives: Primitives, claim: PolynomialClaim): boolean {
  const { grant, kfrags, threshold, delegatingSk } = claim;
  const factor = grantFactor(primitives, grant);
  const points = kfrags.map(({ id, key }) => ({
    place: polynomialPlace(primitives, grant, id),
    value: (toBigint(factor) * toBigint(key)) % ORDER,
  }));
  const secret = toBigint(delegatingSk);
  const givesSecret = (some: typeof points): boolean => valueAtZero(some) === secret;
  for (let from = 0; from + threshold <= points.length; from++)
    if (!givesSecret(points.slice(from, from + threshold))) return false;
  return threshold === 1 || !givesSecret(points.slice(0, threshold - 1));
}

/** In `bigint`: nothing here is secret, and a file may well hold values that add up to zero. */
function valueAtZero(points: readonly { readonly place: SecretKey; readonly value: bigint }[]): bigint {
  const weights = lagrangeAtZero(points.map(({ place }) => place));
  return points.reduce((sum, { value }, i) => (sum + toBigint(weights[i] as SecretKey) * value) % ORDER, 0n);
}

import { assert } from '../../base/assert.ts';
import type { SecretKey } from '../../base/brand.ts';
import { concat, equal } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { hkdfSha256 } from '../hkdf.ts';
import { ORDER, SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../keys.ts';
import { SCALAR_BYTES, UMBRAL_ENTROPY_BYTES } from './parameters.ts';

/*
 * Scalars are 32 bytes, big-endian, in [1, n). Sums and products of secrets go through `Primitives`, which libsecp256k1 fills in
 * constant time. What is left to `bigint`, whose time tells of its values: the reduction of a hash or of entropy mod n − 1, and
 * inversions: of secrets only behind a random factor (`invertBlinded`), and of differences of polynomial places, which open
 * nothing by themselves (`lagrangeAtZero`). With @noble alone, as in a browser, all of it is `bigint`.
 */
const NO_SALT = new Uint8Array(0);

export function toBigint(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

export function toScalar(value: bigint): SecretKey {
  assert(value > 0n && value < ORDER, 'a scalar lies in [1, n)');
  const bytes = new Uint8Array(SCALAR_BYTES);
  for (let i = SCALAR_BYTES - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes as SecretKey;
}

export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== SCALAR_BYTES) return false;
  const value = toBigint(bytes);
  return value > 0n && value < ORDER;
}

/**
 * Many secrets from one: HKDF-SHA-256 over what the caller knows and its entropy, a label each. Where entropy should ever
 * repeat, other inputs still give other secrets: a proof's nonce used twice would give the key away.
 */
export function expander(entropy: Uint8Array, ...known: readonly Uint8Array[]): Expander {
  assert(entropy.length === UMBRAL_ENTROPY_BYTES, 'entropy is 32 random bytes');
  const secret = concat(entropy, ...known);
  const bytes = (label: Uint8Array, length: number) => hkdfSha256(secret, NO_SALT, label, length);
  return { bytes, scalar: (label) => scalarFromUniform(bytes(label, SCALAR_ENTROPY_BYTES)) };
}
export interface Expander {
  bytes(label: Uint8Array, length: number): Uint8Array;
  scalar(label: Uint8Array): SecretKey;
}

/** a⁻¹ mod n. Only a · b is inverted by variable-time arithmetic, and b is fresh, uniform and secret: the product tells nothing of a. */
export function invertBlinded(primitives: Primitives, a: SecretKey, b: SecretKey): SecretKey {
  const inverse = toScalar(inverseOf(toBigint(primitives.multiplyScalars(a, b))));
  return primitives.multiplyScalars(inverse, b);
}

/** f(x) by Horner's rule; `coefficients[i]` stands before xⁱ. */
export function evaluatePolynomial(
  primitives: Primitives,
  coefficients: readonly SecretKey[],
  x: SecretKey,
): SecretKey {
  return coefficients.reduceRight((sum, coefficient) =>
    primitives.addScalars(primitives.multiplyScalars(sum, x), coefficient),
  );
}

/**
 * λᵢ with f(0) = Σ λᵢ · f(xᵢ) for every polynomial f of lower degree than there are places: λᵢ = Π xⱼ / (xⱼ − xᵢ), j ≠ i
 * (Shamir 1979). No two places may be equal, and none zero. The places are hashes of a secret that the receiver knows; who
 * had them all and t fragments besides would still lack d, with which the polynomial's value was divided.
 */
export function lagrangeAtZero(places: readonly SecretKey[]): readonly SecretKey[] {
  const xs = places.map(toBigint);
  return xs.map((xi, i) => {
    let numerator = 1n;
    let denominator = 1n;
    for (const [j, xj] of xs.entries()) {
      if (j === i) continue;
      assert(!equal(places[j] as SecretKey, places[i] as SecretKey), 'places are different');
      numerator = (numerator * xj) % ORDER;
      denominator = (denominator * (xj - xi + ORDER)) % ORDER;
    }
    return toScalar((numerator * inverseOf(denominator)) % ORDER);
  });
}

/** The extended Euclidean algorithm; variable-time. n is prime, so all but zero have an inverse. */
function inverseOf(value: bigint): bigint {
  let [r, nextR, x, nextX] = [ORDER, value, 0n, 1n];
  while (nextR > 0n) {
    const quotient = r / nextR;
    [r, nextR] = [nextR, r - quotient * nextR];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  assert(r === 1n, 'only zero has no inverse');
  return ((x % ORDER) + ORDER) % ORDER;
}

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { assert } from '../../base/assert.ts';
import type { PublicKey, SecretKey } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';

/*
 * Public scalars mod n as `bigint`, and sums of points. What is secret is multiplied and added through the Primitives seam, which a
 * node fills with libsecp256k1; the one exception is `invertSecret`.
 */
const { Fn } = secp256k1.Point;

/** A public scalar in [0, n). */
export type Scalar = bigint;

export const negate = (scalar: Scalar): Scalar => Fn.neg(scalar);

/** The scalar of 32 bytes, or `undefined` for n and above. */
export function readScalar(bytes: Uint8Array): Scalar | undefined {
  assert(bytes.length === 32, 'a scalar is 32 bytes');
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value < Fn.ORDER ? value : undefined;
}

export const scalarBytes = (scalar: Scalar): SecretKey => Fn.toBytes(scalar) as Uint8Array as SecretKey;

/** 1/a by Fermat: the exponent n − 2 is public, so the steps do not depend on `a`; `bigint` itself is not constant-time. */
export function invertSecret(secret: SecretKey): SecretKey {
  const scalar = readScalar(secret);
  assert(scalar !== undefined && scalar !== 0n, 'a secret key is a scalar in [1, n)');
  return scalarBytes(Fn.pow(scalar, Fn.ORDER - 2n));
}

/** scalar · point for a public scalar; `undefined` for a point off the curve, and for 0, whose product has no bytes. */
export const multiply = (primitives: Primitives, scalar: Scalar, point: PublicKey): PublicKey | undefined =>
  primitives.multiplyPublic(scalarBytes(scalar), point);

/** scalar · G; `undefined` for the scalar 0. */
export const multiplyBase = (primitives: Primitives, scalar: Scalar): PublicKey | undefined =>
  scalar === 0n ? undefined : primitives.publicKeyOf(scalarBytes(scalar));

/** The sum of points; `undefined` where one is missing or off the curve, or the sum is neutral. */
export const addPoints = (primitives: Primitives, points: readonly (PublicKey | undefined)[]): PublicKey | undefined =>
  points.includes(undefined) ? undefined : primitives.addPoints(points as readonly PublicKey[]);

/**
 * Lagrange's coefficient of `index` at 0 over distinct non-zero `indices`: f(0) = Σ f(i) · λᵢ for every polynomial of a degree
 * below their number.
 */
export function lagrangeAtZero(index: number, indices: readonly number[]): Scalar {
  let numerator = 1n;
  let denominator = 1n;
  for (const other of indices) {
    if (other === index) continue;
    numerator = Fn.mul(numerator, BigInt(other));
    denominator = Fn.mul(denominator, Fn.sub(BigInt(other), BigInt(index)));
  }
  return Fn.div(numerator, denominator);
}

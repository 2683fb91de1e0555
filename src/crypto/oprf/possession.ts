import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equal, utf8 } from '../../base/bytes.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import { addPoints, multiply, multiplyBase, readScalar, type Scalar, scalarBytes } from './group.ts';
import type { KeyTerms } from './key-generation.ts';
import { hashToScalar, prefixed } from './suite.ts';

/** R, 33 bytes, and z. */
export const POSSESSION_BYTES = 65;

/** What a dealer proves to know the constant coefficient of: the proof holds for this ceremony, number and deal alone. */
export interface Possessed {
  readonly terms: KeyTerms;
  readonly dealer: number;
  readonly commitments: readonly PublicKey[];
}
const POSSESSION = utf8('Possession');

/** Schnorr's proof of knowledge of a₀ over the terms and the whole deal. */
export function provePossession(
  primitives: Primitives,
  of: Possessed,
  secret: SecretKey,
  nonce: SecretKey,
): Uint8Array {
  const r = primitives.publicKeyOf(nonce);
  const challenge = scalarBytes(possessionChallenge(of, r));
  return concat(r, primitives.addScalars(nonce, primitives.multiplyScalars(challenge, secret)));
}

/** z · G = R + c · C₀. */
export function verifyPossession(primitives: Primitives, of: Possessed, possession: Uint8Array): boolean {
  const r = possession.subarray(0, 33) as PublicKey;
  const response = readScalar(possession.subarray(33));
  if (response === undefined) return false;
  const challenge = possessionChallenge(of, r);
  const right = addPoints(primitives, [r, multiply(primitives, challenge, of.commitments[0] as PublicKey)]);
  const left = multiplyBase(primitives, response);
  return left !== undefined && right !== undefined && equal(left, right);
}

const possessionChallenge = ({ terms, dealer, commitments }: Possessed, r: PublicKey): Scalar =>
  hashToScalar(prefixed(encode({ ...terms, dealer, commitments } as unknown as Canonical)), prefixed(r), POSSESSION);

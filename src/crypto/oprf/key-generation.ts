import { assert } from '../../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { CryptoCode } from '../codes.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../keys.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import { addPoints, multiplyBase, readScalar, scalarBytes } from './group.ts';
import type { HandleKey } from './handle.ts';
import { POSSESSION_BYTES, provePossession, verifyPossession } from './possession.ts';

/*
 * The joint key without a dealer (Pedersen 1991, Feldman 1987): each hospital deals shares of a random value of its own, and the sum
 * of the values is the key. Three public rounds, and a private one, which the host carries:
 *
 *   1. everyone publishes `dealHash`, so that nobody picks his value after seeing the others'
 *   2. everyone publishes his `Deal`, and seals each other holder's share to that holder
 *   3. who got a share that `checkDealtShare` refuses, or none, complains; the dealer answers by publishing that share; `settle`
 *      judges: a dealer with an unanswered complaint is out, and a complaint that the published share answers changes nothing
 *   4. everyone adds what the qualified dealt him: `joinKey`
 */

/** Which key is made: its terms are bound into every proof. */
export interface KeyTerms {
  /** 32 bytes that name chain and ceremony. */
  readonly ceremony: Hash;
  readonly holders: number;
  readonly threshold: number;
}

/** What a dealer publishes. */
export interface Deal {
  /** The dealer's number, from 1. */
  readonly dealer: number;
  /** aₖ · G of its polynomial's coefficients, from the constant one. */
  readonly commitments: readonly PublicKey[];
  /** R ‖ z: that the dealer knows the constant coefficient. Without it a last dealer could cancel the others' values. */
  readonly possession: Uint8Array;
}

export const dealShape: shape.Shape<Deal> = shape.struct({
  dealer: shape.uint(CRYPTO_LIMITS.handleHoldersMax),
  commitments: shape.list(shape.publicKey, CRYPTO_LIMITS.handleHoldersMax, 1),
  possession: shape.bytes(POSSESSION_BYTES),
});

export interface Dealing {
  readonly deal: Deal;
  /** f(i) for holder i at i − 1: each for that holder alone. */
  readonly shares: readonly SecretKey[];
}

export const dealEntropyBytes = ({ threshold }: KeyTerms): number => SCALAR_ENTROPY_BYTES * (threshold + 1);

/** `entropy`: `dealEntropyBytes` random bytes, never used twice. */
export function deal(primitives: Primitives, terms: KeyTerms, dealer: number, entropy: Uint8Array): Dealing {
  checkTerms(terms);
  assert(entropy.length === dealEntropyBytes(terms), 'each coefficient and the proof has 48 bytes of its own');
  const part = (i: number) =>
    scalarFromUniform(entropy.subarray(i * SCALAR_ENTROPY_BYTES, (i + 1) * SCALAR_ENTROPY_BYTES));
  const coefficients = Array.from({ length: terms.threshold }, (_, k) => part(k));
  const commitments = coefficients.map((coefficient) => primitives.publicKeyOf(coefficient));
  const shares = Array.from({ length: terms.holders }, (_, i) => {
    return polynomialAt(primitives, coefficients, i + 1);
  });
  const possession = provePossession(
    primitives,
    { terms, dealer, commitments },
    coefficients[0] as SecretKey,
    part(terms.threshold),
  );
  return { deal: { dealer, commitments, possession }, shares };
}

/** What is published before any deal is. */
export const dealHash = (primitives: Primitives, terms: KeyTerms, made: Deal): Hash =>
  primitives.hash(encode({ ...terms, ...made } as unknown as Canonical));

/** Whether a deal is the one announced, has the agreed form, and its dealer knows its value. */
export function checkDeal(
  primitives: Primitives,
  terms: KeyTerms,
  announced: Hash,
  made: Deal,
): Result<null, CryptoCode> {
  checkTerms(terms);
  const { dealer, commitments, possession } = made;
  const formed =
    Number.isInteger(dealer) &&
    dealer >= 1 &&
    dealer <= terms.holders &&
    commitments.length === terms.threshold &&
    possession.length === POSSESSION_BYTES &&
    primitives.addPoints(commitments) !== undefined;
  const holds =
    formed &&
    equal(dealHash(primitives, terms, made), announced) &&
    verifyPossession(primitives, { terms, dealer, commitments }, possession);
  return holds ? ok(null) : refuse('crypto-oprf.bad-deal', { dealer });
}

/** Feldman's check: share · G = Σ iᵏ · Cₖ. A holder that sees it fail complains. */
export function checkDealtShare(
  primitives: Primitives,
  made: Deal,
  holder: number,
  share: Uint8Array,
): Result<null, CryptoCode> {
  const scalar = share.length === 32 ? readScalar(share) : undefined;
  const dealt = scalar === undefined ? undefined : multiplyBase(primitives, scalar);
  const expected = sharePointOf(primitives, [made], holder);
  const holds = dealt !== undefined && expected !== undefined && equal(dealt, expected);
  return holds ? ok(null) : refuse('crypto-oprf.bad-share', { dealer: made.dealer, holder });
}

/** A holder says that a dealer's share is missing or wrong; `published` is what the dealer answered with, in public. */
export interface Complaint {
  readonly dealer: number;
  readonly holder: number;
  readonly published: Uint8Array | null;
}

/** The deals that count. Everyone judges by the same public values, so everyone finds the same. */
export function settle(
  primitives: Primitives,
  terms: KeyTerms,
  deals: readonly Deal[],
  complaints: readonly Complaint[],
): Result<readonly Deal[], CryptoCode> {
  if (deals.length > terms.holders) return refuse('crypto-oprf.too-many');
  const guilty =
    (made: Deal) =>
    ({ dealer, holder, published }: Complaint) =>
      dealer === made.dealer && (published === null || !checkDealtShare(primitives, made, holder, published).ok);
  const qualified = deals.filter((made) => !complaints.some(guilty(made)));
  // t dealers or more: one at least is honest while fewer than t are not, and its value alone makes the sum unknown.
  return qualified.length >= terms.threshold
    ? ok(qualified)
    : refuse('crypto-oprf.too-few-deals', { qualified: qualified.length, threshold: terms.threshold });
}

/** The public side of the key, which anyone computes from the qualified deals. */
export function handleKeyOf(
  primitives: Primitives,
  terms: KeyTerms,
  qualified: readonly Deal[],
): Result<HandleKey, CryptoCode> {
  const jointKey = addPoints(
    primitives,
    qualified.map(({ commitments }) => commitments[0]),
  );
  const shareKeys = Array.from({ length: terms.holders }, (_, i) => sharePointOf(primitives, qualified, i + 1));
  if (jointKey === undefined || shareKeys.some((key) => key === undefined)) return refuse('crypto-oprf.invalid-point');
  return ok({ threshold: terms.threshold, jointKey, shareKeys: shareKeys as PublicKey[] });
}

/** A holder's key share: the sum of what the qualified dealt it, checked against its public share key. */
export function joinKey(
  primitives: Primitives,
  key: HandleKey,
  holder: number,
  dealt: readonly SecretKey[],
): Result<SecretKey, CryptoCode> {
  assert(dealt.length > 0, 'a key share is the sum of at least one dealt share');
  const sum = dealt.reduce(primitives.addScalars);
  const expected = key.shareKeys[holder - 1];
  if (expected === undefined || !equal(primitives.publicKeyOf(sum), expected))
    return refuse('crypto-oprf.bad-share', { holder });
  return ok(sum);
}

function checkTerms({ holders, threshold }: KeyTerms): void {
  assert(holders >= 1 && holders <= CRYPTO_LIMITS.handleHoldersMax, 'holders are bounded');
  assert(threshold >= 1 && threshold <= holders, '1 ≤ t ≤ n');
}

/** f(x), by Horner. A coefficient or a value of 0, which the primitives refuse, has a chance of 2⁻²⁵⁶. */
function polynomialAt(primitives: Primitives, coefficients: readonly SecretKey[], x: number): SecretKey {
  const at = scalarBytes(BigInt(x));
  return coefficients.reduceRight((value, coefficient) =>
    primitives.addScalars(primitives.multiplyScalars(value, at), coefficient),
  );
}

/** Σ over the deals of f(i) · G, from their commitments: Horner on points. All of it is public. */
function sharePointOf(primitives: Primitives, deals: readonly Deal[], holder: number): PublicKey | undefined {
  const at = scalarBytes(BigInt(holder));
  const pointOf = ({ commitments }: Deal): PublicKey | undefined => {
    let value = commitments[commitments.length - 1];
    for (let k = commitments.length - 2; k >= 0 && value !== undefined; k--) {
      const product = primitives.multiplyPublic(at, value);
      value = addPoints(primitives, [product, commitments[k]]);
    }
    return value;
  };
  return addPoints(primitives, deals.map(pointOf));
}

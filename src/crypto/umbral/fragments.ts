import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equal, u64be, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import { fragmentDigest, isFragmentSignature, type SignedFragment } from './fragment-signature.ts';
import { type GrantSecret, grantFactor, polynomialPlace } from './hashes.ts';
import { COMPACT_SIGNATURE_BYTES, FRAGMENT_ID_BYTES, U } from './parameters.ts';
import { type Expander, evaluatePolynomial, expander, invertBlinded, isScalar } from './scalars.ts';
import type { GrantKeys, Kfrag, Verified } from './types.ts';

export interface FragmentOrder {
  readonly delegatingSk: SecretKey;
  readonly receivingPk: PublicKey;
  /** The person's fragment-signing key: what it signs carries no tag of ours, so it is never the account key. */
  readonly signerSk: SecretKey;
  /** t: so many cfrags open, fewer tell nothing. */
  readonly threshold: number;
  /** n: so many fragments are made, one a holder. */
  readonly shares: number;
  /** 32 random bytes, never used twice. */
  readonly entropy: Uint8Array;
}

const label = (name: string, index = 0): Uint8Array => concat(utf8(`carechain/umbral/${name}\0`), u64be(index));

/**
 * The fragments of one grant: places on a random polynomial of degree t − 1 whose value at zero is a / d, the delegating secret
 * divided by what only delegator and receiver can compute. (Umbral paper: ReKeyGen.)
 */
export function generateFragments(primitives: Primitives, order: FragmentOrder): Result<readonly Kfrag[], CryptoCode> {
  const { delegatingSk, receivingPk, signerSk, threshold, shares } = order;
  if (!isThreshold(threshold, shares)) return refuse('crypto-umbral.threshold-out-of-range');
  const secrets = expander(order.entropy, delegatingSk, receivingPk);
  const ephemeral = secrets.scalar(label('precursor'));
  const shared = primitives.ecdh(ephemeral, receivingPk);
  if (shared === undefined) return refuse('crypto-umbral.not-a-point');

  const grant: GrantSecret = { precursor: primitives.publicKeyOf(ephemeral), receivingPk, shared };
  const coefficients = polynomialOf(primitives, order, grant, secrets);
  const keys = { delegatingPk: primitives.publicKeyOf(delegatingSk), receivingPk };
  return ok(
    Array.from({ length: shares }, (_, index) => {
      const id = secrets.bytes(label('fragment-id', index), FRAGMENT_ID_BYTES);
      const key = evaluatePolynomial(primitives, coefficients, polynomialPlace(primitives, grant, id));
      const fragment = { id, precursor: grant.precursor, commitment: commitmentOf(primitives, key) };
      const signature = primitives
        .sign(fragmentDigest(primitives, fragment, keys), signerSk)
        .slice(0, COMPACT_SIGNATURE_BYTES);
      return { ...fragment, key, signatureForProxy: signature, signatureForReceiver: signature };
    }),
  );
}

const isThreshold = (threshold: number, shares: number): boolean =>
  Number.isSafeInteger(threshold) &&
  Number.isSafeInteger(shares) &&
  threshold >= 1 &&
  threshold <= shares &&
  shares <= CRYPTO_LIMITS.umbralSharesMax;

/** f₀ = a · d⁻¹; the other t − 1 coefficients are random. */
function polynomialOf(
  primitives: Primitives,
  { delegatingSk, threshold }: FragmentOrder,
  grant: GrantSecret,
  secrets: Expander,
): readonly SecretKey[] {
  const inverse = invertBlinded(primitives, grantFactor(primitives, grant), secrets.scalar(label('blinding')));
  const random = Array.from({ length: threshold - 1 }, (_, index) => secrets.scalar(label('coefficient', index)));
  return [primitives.multiplyScalars(delegatingSk, inverse), ...random];
}

/** rk · U, with the secret multiplication. */
function commitmentOf(primitives: Primitives, key: SecretKey): PublicKey {
  return primitives.ecdh(key, U) as PublicKey;
}

/** What a holder checks before it signs a receipt: the secret is the committed one, and the person signed it for these keys. */
export function verifyFragment(
  primitives: Primitives,
  fragment: Kfrag,
  keys: GrantKeys,
): Result<Verified<Kfrag>, CryptoCode> {
  const { id, key, commitment, signatureForProxy, signatureForReceiver } = fragment;
  if (id.length !== FRAGMENT_ID_BYTES) return refuse('crypto-umbral.malformed');
  if (!isScalar(key)) return refuse('crypto-umbral.scalar-out-of-range');
  if (!equal(commitmentOf(primitives, key), commitment)) return refuse('crypto-umbral.fragment-commitment-wrong');
  if (!isSignedFragment(primitives, fragment, [signatureForProxy, signatureForReceiver], keys))
    return refuse('crypto-umbral.fragment-signature-invalid');
  return ok(fragment as Verified<Kfrag>);
}

function isSignedFragment(
  primitives: Primitives,
  fragment: SignedFragment,
  signatures: readonly Uint8Array[],
  keys: GrantKeys,
): boolean {
  return (
    primitives.addPoints([fragment.precursor]) !== undefined &&
    signatures.every((signature) => isFragmentSignature(primitives, signature, fragment, keys))
  );
}

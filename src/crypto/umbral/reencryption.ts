import type { PublicKey } from '../../base/brand.ts';
import { concat, equal, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { isFragmentSignature } from './fragment-signature.ts';
import { proofChallenge } from './hashes.ts';
import { FRAGMENT_ID_BYTES, U } from './parameters.ts';
import { expander } from './scalars.ts';
import type { Capsule, Cfrag, GrantKeys, Kfrag, Verified } from './types.ts';

/*
 * The proof is one of equal logarithms, three times over with one nonce and one response (Chaum and Pedersen 1992; Fiat and
 * Shamir 1986): log_E E₁ = log_V V₁ = log_U U₁, and the person signed U₁. No holder can answer with another secret than his
 * fragment, nor from another capsule.
 */

/**
 * A holder's share of a capsule. `entropy`: 32 random bytes, never used twice; the nonce also depends on fragment and capsule,
 * because one nonce under two challenges gives the fragment away. (Umbral paper: ReEncapsulate.)
 */
export function reencrypt(
  primitives: Primitives,
  capsule: Verified<Capsule>,
  fragment: Verified<Kfrag>,
  entropy: Uint8Array,
): Cfrag {
  const { e, v } = capsule;
  const { id, key, precursor, commitment } = fragment;
  // Checked points, so the products exist.
  const times = (scalar: typeof key, point: PublicKey) => primitives.ecdh(scalar, point) as PublicKey;
  const nonce = expander(entropy, key, concat(id, e, v)).scalar(utf8('carechain/umbral/proof-nonce'));
  const statement = {
    e1: times(key, e),
    v1: times(key, v),
    id,
    precursor,
    e2: times(nonce, e),
    v2: times(nonce, v),
    commitment,
    u2: times(nonce, U),
    signature: fragment.signatureForReceiver,
  };
  const challenge = proofChallenge(primitives, capsule, statement);
  return { ...statement, z: primitives.addScalars(nonce, primitives.multiplyScalars(challenge, key)) };
}

/** What a reader's device checks of a share, and the chain in a dispute. Everything in it is public. */
export function verifyCfrag(
  primitives: Primitives,
  capsule: Verified<Capsule>,
  cfrag: Cfrag,
  keys: GrantKeys,
): Result<Verified<Cfrag>, CryptoCode> {
  if (cfrag.id.length !== FRAGMENT_ID_BYTES) return refuse('crypto-umbral.malformed');
  if (primitives.addPoints([cfrag.precursor]) === undefined) return refuse('crypto-umbral.not-a-point');
  if (!isFragmentSignature(primitives, cfrag.signature, cfrag, keys))
    return refuse('crypto-umbral.fragment-signature-invalid');
  if (!isProven(primitives, capsule, cfrag)) return refuse('crypto-umbral.share-proof-invalid');
  return ok(cfrag as Verified<Cfrag>);
}

/** z · B = B₂ + c · B₁ for each base B of E, V and U. */
function isProven(primitives: Primitives, capsule: Capsule, cfrag: Cfrag): boolean {
  const challenge = proofChallenge(primitives, capsule, cfrag);
  const holds = (base: PublicKey, product: PublicKey, announcement: PublicKey): boolean => {
    const claimed = primitives.multiplyPublic(cfrag.z, base);
    const scaled = primitives.multiplyPublic(challenge, product);
    const expected = scaled && primitives.addPoints([announcement, scaled]);
    return claimed !== undefined && expected !== undefined && equal(claimed, expected);
  };
  return (
    holds(capsule.e, cfrag.e1, cfrag.e2) && holds(capsule.v, cfrag.v1, cfrag.v2) && holds(U, cfrag.commitment, cfrag.u2)
  );
}

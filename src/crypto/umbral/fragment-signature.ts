import type { Signature } from '../../base/brand.ts';
import { concat } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { COMPACT_SIGNATURE_BYTES } from './parameters.ts';
import type { GrantKeys, Kfrag } from './types.ts';

/** What a fragment's two signatures are about; a cfrag carries the same fields. */
export type SignedFragment = Pick<Kfrag, 'id' | 'commitment' | 'precursor'>;

/** Before each key: it is part of what is signed. Umbral lets it be left out; we never do. */
const KEY_IS_SIGNED = Uint8Array.of(1);

/** SHA-256(id ‖ U₁ ‖ X_A ‖ 01 ‖ delegating key ‖ 01 ‖ receiving key). No tag of ours: hence a signing key of its own. */
export const fragmentDigest = (
  primitives: Primitives,
  { id, commitment, precursor }: SignedFragment,
  { delegatingPk, receivingPk }: Pick<GrantKeys, 'delegatingPk' | 'receivingPk'>,
) => primitives.hash(concat(id, commitment, precursor, KEY_IS_SIGNED, delegatingPk, KEY_IS_SIGNED, receivingPk));

/** The format has no recovery bit, so both are tried; a high s is refused with either. */
export function isFragmentSignature(
  primitives: Primitives,
  signature: Uint8Array,
  fragment: SignedFragment,
  keys: GrantKeys,
): boolean {
  if (signature.length !== COMPACT_SIGNATURE_BYTES) return false;
  const digest = fragmentDigest(primitives, fragment, keys);
  return [0, 1].some((v) =>
    primitives.verify(digest, concat(signature, Uint8Array.of(v)) as Signature, keys.verifyingPk),
  );
}

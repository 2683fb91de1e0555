import { fromHex } from '../base/bytes.ts';

/** ⌊n / 2⌋, the largest s of a valid signature (CHAIN.md, "Bytes"; BIP 62 for the rule's origin). */
const HALF_ORDER = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0') as Uint8Array;

/**
 * Whether 65 bytes r ‖ s ‖ v have the one form that the chain accepts: low s, and v the parity of R.y. With s and n − s both
 * accepted anybody could change a signed transaction's bytes; v ≥ 2 (R.x ≥ n) happens once in 2¹²⁷ and is refused by rule.
 * Zero and overflow of r and s are left to the curve library, which refuses them.
 */
export function hasValidForm(signature: Uint8Array): boolean {
  if (signature.length !== 65 || (signature[64] as number) > 1) return false;
  for (let i = 0; i < 32; i++) {
    const difference = (signature[32 + i] as number) - (HALF_ORDER[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

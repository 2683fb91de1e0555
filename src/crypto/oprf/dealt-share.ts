import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { Result } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { type BoxLabel, openBox, type SealedBox, sealBox } from '../sealed-box.ts';
import type { KeyTerms } from './key-generation.ts';

/** Whose share for whom, in which ceremony: whoever opens the box must name the same. */
export interface DealtTo {
  readonly terms: KeyTerms;
  readonly dealer: number;
  readonly holder: number;
}

const labelOf = ({ terms: { ceremony, holders, threshold }, dealer, holder }: DealtTo): BoxLabel => ({
  purpose: 'handle-key-share',
  context: encode({ ceremony, holders, threshold, dealer, holder }),
});

/** A dealt share on its way to its holder's duty key. `entropy`: 48 random bytes, never used twice. */
export const sealDealtShare = (
  primitives: Primitives,
  to: DealtTo,
  { dutyKey, entropy }: { readonly dutyKey: PublicKey; readonly entropy: Uint8Array },
  share: SecretKey,
): Result<SealedBox, CryptoCode> => sealBox(primitives, { recipient: dutyKey, entropy, label: labelOf(to) }, share);

/** Says nothing of whether the share fits its dealer's commitments: `checkDealtShare` does. */
export const openDealtShare = (
  primitives: Primitives,
  to: DealtTo,
  dutySecret: SecretKey,
  box: SealedBox,
): Result<Uint8Array, CryptoCode> => openBox(primitives, { secretKey: dutySecret, label: labelOf(to) }, box);

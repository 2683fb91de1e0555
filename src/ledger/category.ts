import type { PublicKey } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';

/** A category on chain is the opaque id of its first delegating key: the low 128 bits of its SHA-256 (PRIVACY.md, "Keys"). */
export const categoryOf = (primitives: Primitives, firstDelegatingKey: PublicKey): Uint8Array =>
  primitives.hash(firstDelegatingKey).slice(16);

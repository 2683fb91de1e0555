import type { Address, Hash, PublicKey } from './brand.ts';
import { concat, toHex, utf8 } from './bytes.ts';
import type { Primitives } from './primitives.ts';

/** One tag per purpose of a signature: what was signed for one can never serve another (CHAIN.md, "Bytes"). */
export const SIGNING_TAGS = [
  'transaction',
  'vote',
  'enrolment-sponsor',
  'key-possession',
  'validator-possession',
  'desk-possession',
  'storage-receipt',
  'envelope-replacement',
  'fragment-receipt',
  'guardian-receipt',
  'envelope-author',
  'http-request',
  'session-initiator',
  'session-responder',
] as const;
export type SigningTag = (typeof SIGNING_TAGS)[number];

/** NUL ends the tag, and no tag holds one: no tag is a prefix of another's input. */
const TAG_BYTES = new Map<SigningTag, Uint8Array>(
  SIGNING_TAGS.map((tag) => [tag, utf8(`carechain/${tag}/v1\0`)] as const),
);

/** SHA-256(tag ‖ bytes). The caller's bytes hold the chain id. */
export const signingDigest = (primitives: Primitives, tag: SigningTag, bytes: Uint8Array): Hash =>
  primitives.hash(concat(TAG_BYTES.get(tag) as Uint8Array, bytes));

/** The low 160 bits of SHA-256(compressed key) (F8). */
export const addressOf = (primitives: Primitives, publicKey: PublicKey): Address =>
  primitives.hash(publicKey).slice(12) as Address;

export const addressText = (address: Address): string => toHex(address);

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hash, PublicKey } from '../../base/brand.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { hkdfSha256 } from '../hkdf.ts';

/*
 * The transcript and the keys of a handshake (docs/specification/session.md, rules SES-3 to SES-6). Each transcript hash holds
 * the one before, so a signature over one is over every byte that was sent until then.
 */
const KEY_BYTES = 32;

/** What the two sides put into the key schedule. */
export interface Exchanged {
  /** The shared point, 33 bytes. */
  readonly shared: Uint8Array;
  readonly initiatorNonce: Uint8Array;
  readonly responderNonce: Uint8Array;
}

export type Stage = 'hello' | 'reply' | 'replied' | 'finished';

/** T' = SHA-256(tag ‖ T ‖ SHA-256(bytes)). */
export const extend = (primitives: Primitives, stage: Stage, before: Uint8Array, bytes: Uint8Array): Hash =>
  primitives.hash(concat(utf8(`carechain/session/v1/${stage}\0`), before, primitives.hash(bytes)));

/** One key for each thing that either role does: what one role seals or authenticates is never valid from the other. */
export interface HandshakeKeys {
  readonly initiatorSeal: Uint8Array;
  readonly responderSeal: Uint8Array;
  readonly initiatorMac: Uint8Array;
  readonly responderMac: Uint8Array;
}

export function handshakeKeys(exchanged: Exchanged, transcript: Hash): HandshakeKeys {
  const [initiatorSeal, responderSeal, initiatorMac, responderMac] = expand(exchanged, 'handshake', transcript, 4);
  return { initiatorSeal, responderSeal, initiatorMac, responderMac } as HandshakeKeys;
}

export interface SessionKeys {
  /** Chains of message keys, by who sends. */
  readonly initiatorChain: Uint8Array;
  readonly responderChain: Uint8Array;
  /** Goes into the keys after the next renewal. */
  readonly root: Uint8Array;
  readonly confirmation: Uint8Array;
}

export function sessionKeys(exchanged: Exchanged, transcript: Hash): SessionKeys {
  const [initiatorChain, responderChain, root, confirmation] = expand(exchanged, 'session', transcript, 4);
  return { initiatorChain, responderChain, root, confirmation } as SessionKeys;
}

/** HMAC over role, transcript and identity: SIGMA's proof that who signed also has the key. */
export const identityMac = (
  key: Uint8Array,
  transcript: Hash,
  identity: PublicKey,
  signature: Uint8Array,
): Uint8Array => hmac(sha256, key, concat(transcript, identity, signature));

export const confirmationMac = (key: Uint8Array, transcript: Hash): Uint8Array =>
  hmac(sha256, key, concat(utf8('accepted\0'), transcript));

function expand(
  { shared, initiatorNonce, responderNonce }: Exchanged,
  purpose: string,
  transcript: Hash,
  keys: number,
): Uint8Array[] {
  const info = concat(utf8(`carechain/session/v1/${purpose}\0`), transcript);
  const output = hkdfSha256(shared, concat(initiatorNonce, responderNonce), info, keys * KEY_BYTES);
  return Array.from({ length: keys }, (_, i) => output.slice(i * KEY_BYTES, (i + 1) * KEY_BYTES));
}

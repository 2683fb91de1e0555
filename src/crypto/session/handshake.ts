import { assert } from '../../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equal, equalSecret } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../keys.ts';
import { type Channel, openChannel } from './channel.ts';
import {
  acceptedShape,
  finishShape,
  type Hello,
  helloShape,
  read,
  replyShape,
  SESSION_NONCE_BYTES,
  write,
} from './messages.ts';
import { openProof, type Proven, sealProof } from './proof.ts';
import { confirmationMac, type Exchanged, extend, handshakeKeys, sessionKeys } from './schedule.ts';

/*
 * Patient and hospital agree on keys and on each other: signed ephemeral Diffie-Hellman in the form of SIGMA-I (Krawczyk 2003; the
 * core of IKEv2), with a fourth message that confirms. The protocol and its argument: docs/specification/session.md.
 *
 *   1 I → R   x·G, nI                                   initiate
 *   2 R → I   y·G, nR, { R, signature, mac }            respond
 *   3 I → R   { I, signature, mac }                     finish
 *   4 R → I   confirmation                              accept → confirm
 */

/** 48 for the ephemeral key, 32 for the nonce: random, never used twice. */
export const SESSION_ENTROPY_BYTES = SCALAR_ENTROPY_BYTES + SESSION_NONCE_BYTES;

export interface Party {
  readonly chainId: Hash;
  /** The key that signs: a patient's pseudonym account, a hospital's duty key. */
  readonly secret: SecretKey;
}

/** What the initiator keeps until the reply. It serves one reply. */
export interface Initiated {
  readonly party: Party;
  /** The hospital that is meant, by the key that the chain proves. */
  readonly expected: PublicKey;
  readonly ephemeral: SecretKey;
  readonly hello: Hello;
}

export function initiate(
  primitives: Primitives,
  party: Party,
  expected: PublicKey,
  entropy: Uint8Array,
): { readonly state: Initiated; readonly message: Uint8Array } {
  const { secret, nonce } = fresh(entropy);
  const { chainId } = party;
  const hello: Hello = { step: 1, version: 1, chainId, ephemeral: primitives.publicKeyOf(secret), nonce };
  return { state: { party, expected, ephemeral: secret, hello }, message: write(hello) };
}

/** What the responder keeps until the initiator shows himself. */
export interface Responded {
  readonly party: Party;
  readonly exchanged: Exchanged;
  readonly proven: Proven;
}

/** Answers anybody who knows the chain: a responder is a public institution, and learns later who asks. */
export function respond(
  primitives: Primitives,
  party: Party,
  entropy: Uint8Array,
  message: Uint8Array,
): Result<{ readonly state: Responded; readonly message: Uint8Array }, CryptoCode> {
  const hello = read(message, helloShape);
  if (!hello.ok) return hello;
  if (!equal(hello.value.chainId, party.chainId)) return refuse('crypto-session.malformed');
  const { secret, nonce } = fresh(entropy);
  const ephemeral = primitives.publicKeyOf(secret);
  const shared = primitives.ecdh(secret, hello.value.ephemeral);
  if (shared === undefined) return refuse('crypto-session.invalid-key');
  const exchanged = { shared, initiatorNonce: hello.value.nonce, responderNonce: nonce };
  const proven = replyProof(primitives, party.chainId, exchanged, message, ephemeral);
  const reply = write({ step: 2, ephemeral, nonce, sealed: sealProof(primitives, proven, party.secret) });
  const transcript = extend(primitives, 'replied', proven.transcript, reply);
  const peer = primitives.publicKeyOf(party.secret);
  const next: Proven = { ...proven, role: 'initiator', transcript, peer };
  return ok({ state: { party, exchanged, proven: next }, message: reply });
}

/** What the initiator keeps until the confirmation. Nothing may be sent before. */
export interface Finished {
  readonly channel: Channel;
  readonly confirmation: Uint8Array;
}

/** The initiator shows himself only to who proved to be the hospital that he means. */
export function finish(
  primitives: Primitives,
  { party, expected, ephemeral, hello }: Initiated,
  message: Uint8Array,
): Result<{ readonly state: Finished; readonly message: Uint8Array }, CryptoCode> {
  const reply = read(message, replyShape);
  if (!reply.ok) return reply;
  const { nonce, sealed } = reply.value;
  if (equal(reply.value.ephemeral, hello.ephemeral) || equal(nonce, hello.nonce))
    return refuse('crypto-session.reflected');
  const shared = primitives.ecdh(ephemeral, reply.value.ephemeral);
  if (shared === undefined) return refuse('crypto-session.invalid-key');
  const exchanged = { shared, initiatorNonce: hello.nonce, responderNonce: nonce };
  const proven = replyProof(primitives, party.chainId, exchanged, write(hello), reply.value.ephemeral);
  const peer = openProof(primitives, proven, sealed, expected);
  if (!peer.ok) return peer;
  const transcript = extend(primitives, 'replied', proven.transcript, message);
  const own: Proven = { ...proven, role: 'initiator', transcript, peer: peer.value };
  const finished = write({ step: 3, sealed: sealProof(primitives, own, party.secret) });
  const keys = sessionKeys(exchanged, extend(primitives, 'finished', transcript, finished));
  const confirmation = confirmationMac(keys.confirmation, extend(primitives, 'finished', transcript, finished));
  return ok({ state: { channel: openChannel('initiator', keys), confirmation }, message: finished });
}

/** Who asks, the channel to him, and the confirmation: sent once the host has judged that this identity may have a session. */
export interface AcceptedSession {
  readonly peer: PublicKey;
  readonly channel: Channel;
  readonly message: Uint8Array;
}

export function accept(
  primitives: Primitives,
  { exchanged, proven }: Responded,
  message: Uint8Array,
): Result<AcceptedSession, CryptoCode> {
  const finished = read(message, finishShape);
  if (!finished.ok) return finished;
  const peer = openProof(primitives, proven, finished.value.sealed, null);
  if (!peer.ok) return peer;
  if (proven.peer !== null && equal(peer.value, proven.peer)) return refuse('crypto-session.reflected');
  const transcript = extend(primitives, 'finished', proven.transcript, message);
  const keys = sessionKeys(exchanged, transcript);
  const confirmation = confirmationMac(keys.confirmation, transcript);
  return ok({ peer: peer.value, channel: openChannel('responder', keys), message: write({ step: 4, confirmation }) });
}

/** The responder has accepted this initiator in this session: now the channel may be used. */
export function confirm({ channel, confirmation }: Finished, message: Uint8Array): Result<Channel, CryptoCode> {
  const accepted = read(message, acceptedShape);
  if (!accepted.ok) return accepted;
  return equalSecret(accepted.value.confirmation, confirmation) ? ok(channel) : refuse('crypto-session.wrong-keys');
}

/** What the responder's proof is about: both ephemeral keys, both nonces, the chain (SES-4). */
function replyProof(
  primitives: Primitives,
  chainId: Hash,
  exchanged: Exchanged,
  hello: Uint8Array,
  ephemeral: PublicKey,
): Proven {
  const helloHash = extend(primitives, 'hello', chainId, hello);
  const transcript = extend(primitives, 'reply', helloHash, concat(ephemeral, exchanged.responderNonce));
  return { role: 'responder', chainId, transcript, keys: handshakeKeys(exchanged, transcript), peer: null };
}

function fresh(entropy: Uint8Array): { readonly secret: SecretKey; readonly nonce: Uint8Array } {
  assert(entropy.length === SESSION_ENTROPY_BYTES, 'a session is made of 80 random bytes a side');
  return {
    secret: scalarFromUniform(entropy.subarray(0, SCALAR_ENTROPY_BYTES)),
    nonce: entropy.slice(SCALAR_ENTROPY_BYTES),
  };
}

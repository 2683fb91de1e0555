import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equal, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { hkdfSha256 } from '../hkdf.ts';
import { scalarFromUniform } from '../keys.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import type { Role } from './proof.ts';
import type { SessionKeys } from './schedule.ts';

/*
 * What two sides with a session say to each other (SES-7 to SES-9). Every message has a key of its own, from a chain that runs one
 * way: who steals a state reads no earlier message. A renewal puts a new Diffie-Hellman secret into the chains: who stole a state
 * and only listens reads nothing after it. Messages come in order, as over a stream; a lost one ends the session.
 */
interface Chain {
  readonly key: Uint8Array;
  readonly count: number;
}

/** One state of one side. The caller replaces it with the next and drops it: a state used twice repeats a key. */
export interface Channel {
  readonly role: Role;
  readonly sending: Chain;
  readonly receiving: Chain;
  readonly root: Uint8Array;
}

export function openChannel(
  role: Role,
  keys: Pick<SessionKeys, 'initiatorChain' | 'responderChain' | 'root'>,
): Channel {
  const initiator = { key: keys.initiatorChain, count: 0 };
  const responder = { key: keys.responderChain, count: 0 };
  const [sending, receiving] = role === 'initiator' ? [initiator, responder] : [responder, initiator];
  return { role, sending, receiving, root: keys.root };
}

/** What a message is, in its first plaintext byte. */
const KINDS = { data: 0, offer: 1, answer: 2 } as const;
type Kind = keyof typeof KINDS;
/** A message is longer than its text by a kind and a tag. */
export const MESSAGE_OVERHEAD_BYTES = 17;

export const sealMessage = (primitives: Primitives, channel: Channel, text: Uint8Array) =>
  send(primitives, channel, 'data', text);

/** The text, and the state that awaits the next message. A refused message leaves the old state in force. */
export const openMessage = (primitives: Primitives, channel: Channel, message: Uint8Array) =>
  receive(primitives, channel, 'data', message);

export interface Renewing {
  readonly channel: Channel;
  readonly ephemeral: SecretKey;
}

/** Either side offers, with no message of its own under way. `entropy`: 48 random bytes, never used twice. */
export function offerRenewal(
  primitives: Primitives,
  channel: Channel,
  entropy: Uint8Array,
): Result<{ readonly state: Renewing; readonly message: Uint8Array }, CryptoCode> {
  const ephemeral = scalarFromUniform(entropy);
  const sent = send(primitives, channel, 'offer', primitives.publicKeyOf(ephemeral));
  return sent.ok ? ok({ state: { channel: sent.value.channel, ephemeral }, message: sent.value.message }) : sent;
}

export function answerRenewal(
  primitives: Primitives,
  channel: Channel,
  message: Uint8Array,
  entropy: Uint8Array,
): Result<{ readonly channel: Channel; readonly message: Uint8Array }, CryptoCode> {
  const offered = receive(primitives, channel, 'offer', message);
  if (!offered.ok) return offered;
  const ephemeral = scalarFromUniform(entropy);
  const own = primitives.publicKeyOf(ephemeral);
  const sent = send(primitives, offered.value.channel, 'answer', own);
  if (!sent.ok) return sent;
  const theirs = offered.value.text as PublicKey;
  const next = renewed(primitives, sent.value.channel, ephemeral, theirs, concat(theirs, own));
  return next.ok ? ok({ channel: next.value, message: sent.value.message }) : next;
}

export function completeRenewal(
  primitives: Primitives,
  { channel, ephemeral }: Renewing,
  message: Uint8Array,
): Result<Channel, CryptoCode> {
  const answered = receive(primitives, channel, 'answer', message);
  if (!answered.ok) return answered;
  const own = primitives.publicKeyOf(ephemeral);
  const theirs = answered.value.text as PublicKey;
  return renewed(primitives, answered.value.channel, ephemeral, theirs, concat(own, theirs));
}

/** New chains and root from the old root and a new shared secret: an attacker needs both. Counts run on. */
function renewed(
  primitives: Primitives,
  { role, sending, receiving, root }: Channel,
  ephemeral: SecretKey,
  theirs: PublicKey,
  both: Uint8Array,
): Result<Channel, CryptoCode> {
  if (equal(theirs, primitives.publicKeyOf(ephemeral))) return refuse('crypto-session.reflected');
  const shared = primitives.ecdh(ephemeral, theirs);
  if (shared === undefined) return refuse('crypto-session.invalid-key');
  const output = hkdfSha256(shared, root, concat(RENEWAL_INFO, both), 96);
  const [initiatorChain, responderChain, next] = [output.slice(0, 32), output.slice(32, 64), output.slice(64)];
  const opened = openChannel(role, { initiatorChain, responderChain, root: next } as SessionKeys);
  return ok({
    ...opened,
    sending: { ...opened.sending, count: sending.count },
    receiving: { ...opened.receiving, count: receiving.count },
  });
}

const RENEWAL_INFO = utf8('carechain/session/v1/renewal\0');
const MESSAGE_INFO = utf8('carechain/session/v1/message\0');
const NO_SALT = new Uint8Array(0);
/** Each message key serves one message. */
const ONLY_NONCE = new Uint8Array(12);

/** A message key and the chain's next key: from the next no way leads back. */
function step({ key, count }: Chain): { readonly key: Uint8Array; readonly next: Chain } {
  const output = hkdfSha256(key, NO_SALT, MESSAGE_INFO, 64);
  return { key: output.slice(0, 32), next: { key: output.slice(32), count: count + 1 } };
}

function send(
  primitives: Primitives,
  channel: Channel,
  kind: Kind,
  text: Uint8Array,
): Result<{ readonly channel: Channel; readonly message: Uint8Array }, CryptoCode> {
  const tooLong = text.length + MESSAGE_OVERHEAD_BYTES > CRYPTO_LIMITS.sessionMessageBytesMax;
  if (tooLong || channel.sending.count >= CRYPTO_LIMITS.sessionMessagesMax) return refuse('crypto-session.exhausted');
  const { key, next } = step(channel.sending);
  const message = primitives.seal(key, ONLY_NONCE, concat(Uint8Array.of(KINDS[kind]), text));
  return ok({ channel: { ...channel, sending: next }, message });
}

function receive(
  primitives: Primitives,
  channel: Channel,
  kind: Kind,
  message: Uint8Array,
): Result<{ readonly channel: Channel; readonly text: Uint8Array }, CryptoCode> {
  const tooLong = message.length > CRYPTO_LIMITS.sessionMessageBytesMax;
  if (tooLong || channel.receiving.count >= CRYPTO_LIMITS.sessionMessagesMax) return refuse('crypto-session.exhausted');
  const { key, next } = step(channel.receiving);
  const plain = primitives.open(key, ONLY_NONCE, message);
  if (plain === undefined) return refuse('crypto-session.wrong-keys');
  if (plain[0] !== KINDS[kind] || (kind !== 'data' && plain.length !== 34)) return refuse('crypto-session.malformed');
  return ok({ channel: { ...channel, receiving: next }, text: plain.slice(1) });
}

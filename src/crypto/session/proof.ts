import type { Hash, PublicKey, SecretKey } from '../../base/brand.ts';
import { equalSecret } from '../../base/bytes.ts';
import { encode } from '../../base/canonical.ts';
import { type SigningTag, signingDigest } from '../../base/digest.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { proofShape, read, write } from './messages.ts';
import { type HandshakeKeys, identityMac } from './schedule.ts';

export type Role = 'initiator' | 'responder';

/** What a proof of identity is about: everything sent before it, and, once known, the peer. */
export interface Proven {
  readonly role: Role;
  readonly chainId: Hash;
  readonly transcript: Hash;
  readonly keys: HandshakeKeys;
  /** Whom the initiator means to speak to; the responder does not know yet who asks. */
  readonly peer: PublicKey | null;
}

const TAGS: Readonly<Record<Role, SigningTag>> = { initiator: 'session-initiator', responder: 'session-responder' };
/** Each sealing key serves one message. */
const ONLY_NONCE = new Uint8Array(12);

const sealKey = ({ role, keys }: Proven) => (role === 'initiator' ? keys.initiatorSeal : keys.responderSeal);
const macKey = ({ role, keys }: Proven) => (role === 'initiator' ? keys.initiatorMac : keys.responderMac);

const digestOf = (primitives: Primitives, { role, chainId, transcript, peer }: Proven, identity: PublicKey): Hash =>
  signingDigest(primitives, TAGS[role], encode({ chainId, transcript, identity, peer }));

/** identity, signature and MAC, sealed to who made the other half of the key (SES-4, SES-5). */
export function sealProof(primitives: Primitives, proven: Proven, secret: SecretKey): Uint8Array {
  const identity = primitives.publicKeyOf(secret);
  const signature = primitives.sign(digestOf(primitives, proven, identity), secret);
  const mac = identityMac(macKey(proven), proven.transcript, identity, signature);
  return primitives.seal(sealKey(proven), ONLY_NONCE, write({ identity, signature, mac }), proven.transcript);
}

/** Who is there. `expected` is compared before anything is believed; null where the host judges the identity afterwards. */
export function openProof(
  primitives: Primitives,
  proven: Proven,
  sealed: Uint8Array,
  expected: PublicKey | null,
): Result<PublicKey, CryptoCode> {
  const plain = primitives.open(sealKey(proven), ONLY_NONCE, sealed, proven.transcript);
  if (plain === undefined) return refuse('crypto-session.wrong-keys');
  const proof = read(plain, proofShape);
  if (!proof.ok) return proof;
  const { identity, signature, mac } = proof.value;
  if (expected !== null && !equalSecret(identity, expected)) return refuse('crypto-session.wrong-peer');
  if (!equalSecret(mac, identityMac(macKey(proven), proven.transcript, identity, signature)))
    return refuse('crypto-session.wrong-keys');
  if (!primitives.verify(digestOf(primitives, proven, identity), signature, identity))
    return refuse('crypto-session.bad-signature');
  return ok(identity);
}

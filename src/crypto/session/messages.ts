import type { Hash, PublicKey, Signature } from '../../base/brand.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';

/* The four messages of the handshake, in canonical bytes (SES-2). `step` keeps each from being read as another. */
export const SESSION_NONCE_BYTES = 32;
export const MAC_BYTES = 32;

export interface Hello {
  readonly step: 1;
  readonly version: 1;
  readonly chainId: Hash;
  readonly ephemeral: PublicKey;
  readonly nonce: Uint8Array;
}

export interface Reply {
  readonly step: 2;
  readonly ephemeral: PublicKey;
  readonly nonce: Uint8Array;
  /** A sealed `Proof` of the responder. */
  readonly sealed: Uint8Array;
}

export interface Finish {
  readonly step: 3;
  /** A sealed `Proof` of the initiator. */
  readonly sealed: Uint8Array;
}

export interface Accepted {
  readonly step: 4;
  readonly confirmation: Uint8Array;
}

/** Who is there, under encryption. */
export interface Proof {
  readonly identity: PublicKey;
  readonly signature: Signature;
  readonly mac: Uint8Array;
}

const step = <N extends number>(n: N): shape.Shape<N> => {
  const read = shape.uint(4);
  return (value, path) => {
    const number = read(value, path);
    if (!number.ok) return number;
    return number.value === n ? ok(n) : refuse('shape.out-of-range', { path });
  };
};

const sealedProof = shape.bytes(1, 512);
const nonce = shape.bytes(SESSION_NONCE_BYTES);
export const helloShape: shape.Shape<Hello> = shape.struct({
  step: step(1),
  version: step(1),
  chainId: shape.hash,
  ephemeral: shape.publicKey,
  nonce,
});
export const replyShape: shape.Shape<Reply> = shape.struct({
  step: step(2),
  ephemeral: shape.publicKey,
  nonce,
  sealed: sealedProof,
});
export const finishShape: shape.Shape<Finish> = shape.struct({ step: step(3), sealed: sealedProof });
export const acceptedShape: shape.Shape<Accepted> = shape.struct({
  step: step(4),
  confirmation: shape.bytes(MAC_BYTES),
});
export const proofShape: shape.Shape<Proof> = shape.struct({
  identity: shape.publicKey,
  signature: shape.signature,
  mac: shape.bytes(MAC_BYTES),
});

export const write = (message: Hello | Reply | Finish | Accepted | Proof): Uint8Array =>
  encode(message as unknown as Canonical);

/** One code for every malformed message: who sends such things learns nothing more. */
export function read<T>(bytes: Uint8Array, of: shape.Shape<T>): Result<T, CryptoCode> {
  const value = decode(bytes, CRYPTO_LIMITS.handshakeBytesMax);
  const message = value.ok ? of(value.value, 'message') : value;
  return message.ok ? ok(message.value) : refuse('crypto-session.malformed');
}

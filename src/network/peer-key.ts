import './polyfill.ts';
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { concat, fromHex } from '../base/bytes.ts';
import { NetworkError } from './errors.ts';

export const PEER_KEY_SEED_BYTES = 32;

/** RFC 8410, section 7: the PKCS #8 wrapping of an Ed25519 seed. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420') as Uint8Array;

/**
 * The Ed25519 peer key of a seed (RFC 8032). Ed25519 and not secp256k1: a peer key authenticates connections only, and is never an
 * account or validator key.
 */
export function peerKeyOf(seed: Uint8Array): Ed25519PrivateKey {
  if (seed.length !== PEER_KEY_SEED_BYTES) throw new NetworkError('network.key-invalid');
  const pkcs8 = Buffer.from(concat(PKCS8_PREFIX, seed));
  const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  const { x } = publicKey.export({ format: 'jwk' });
  return privateKeyFromRaw(concat(seed, Buffer.from(x as string, 'base64url'))) as Ed25519PrivateKey;
}

/** The libp2p peer id of a seed's public key, base58: what a hospital's on-chain record holds. */
export const peerIdOf = (seed: Uint8Array): string => peerIdFromPrivateKey(peerKeyOf(seed)).toString();

/** A fresh seed. Keep it in the hospital's key file, readable by the node alone. */
export const generatePeerKeySeed = (): Uint8Array => new Uint8Array(randomBytes(PEER_KEY_SEED_BYTES));

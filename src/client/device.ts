import { sha256 } from '@noble/hashes/sha2.js';
import type { Primitives } from '../base/primitives.ts';
import { noblePrimitives } from '../crypto/noble.ts';

/** What a person's device brings: cryptography, randomness and a clock. Tests bring their own. */
export interface Device {
  readonly primitives: Primitives;
  /** Uniformly random bytes from a cryptographic source, never the same twice. */
  random(bytes: number): Uint8Array;
  /** SHA-256 of bytes that come in pieces. */
  hasher(): Hasher;
  /** Milliseconds since the Unix epoch. It dates requests and judges whether a proof is fresh; the chain has its own clock. */
  nowMs(): number;
}

export interface Hasher {
  update(piece: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** The browser's or Node's own, with `primitives` where the host has faster ones. */
export const hostDevice = (
  primitives: Primitives = noblePrimitives,
  hasher: () => Hasher = () => sha256.create(),
): Device => ({
  primitives,
  hasher,
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  nowMs: () => Date.now(),
});

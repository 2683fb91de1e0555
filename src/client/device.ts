import type { Primitives } from '../base/primitives.ts';
import { noblePrimitives } from '../crypto/noble.ts';

/** What a person's device brings: cryptography, randomness and a clock. Tests bring their own. */
export interface Device {
  readonly primitives: Primitives;
  /** Uniformly random bytes from a cryptographic source, never the same twice. */
  random(bytes: number): Uint8Array;
  /** Milliseconds since the Unix epoch. It dates requests and judges whether a proof is fresh; the chain has its own clock. */
  nowMs(): number;
}

/** The browser's or Node's own, with `primitives` where the host has faster ones. */
export const hostDevice = (primitives: Primitives = noblePrimitives): Device => ({
  primitives,
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  nowMs: () => Date.now(),
});

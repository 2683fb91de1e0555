import type { Address } from '../base/brand.ts';

/**
 * One application byte sequence above encryption: a message, a request, a chunk of an answer, an announcement. `peer` is null for
 * an announcement that this node publishes.
 */
export interface TapEvent {
  readonly direction: 'in' | 'out';
  readonly peer: Address | null;
  /** The protocol id or the gossip topic. */
  readonly protocol: string;
  readonly bytes: Uint8Array;
}

/** Sees all application traffic of a node. For recordings that a search for planted plaintext reads, never for production. */
export type Tap = (event: TapEvent) => void;

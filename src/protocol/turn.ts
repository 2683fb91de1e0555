import type { Address } from '../base/brand.ts';
import type { ReplicaEffect } from './io.ts';

/** One call of `step` under way. Its parts append to `effects`, in the order in which the host must run them. */
export interface Turn {
  readonly nowMs: number;
  readonly effects: ReplicaEffect[];
  /** The peer whose message this is, else null. */
  readonly from: Address | null;
}

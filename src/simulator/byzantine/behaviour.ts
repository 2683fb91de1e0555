import type { Address, Hash, Height, SecretKey } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { AnyEngine } from '../../consensus/engines.ts';
import type { Channel } from '../../protocol/io.ts';
import type { Ledger } from '../../protocol/ledger.ts';
import type { CertifiedBlock } from '../../protocol/wire.ts';
import type { Random } from '../random.ts';

/** What a traitor knows: itself, its key and who else is there. */
export interface Traitor {
  readonly node: number;
  readonly id: Address;
  readonly secretKey: SecretKey;
  readonly peers: readonly number[];
  readonly primitives: Primitives;
  readonly chainId: Hash;
  readonly engine: AnyEngine;
  /** The first validator set, by which an old key still votes. */
  readonly genesisSet: ValidatorSet;
  readonly random: Random;
  readonly nowMs: () => number;
}

/** One message that leaves a traitor, later by `delayMs`. */
export interface Sent {
  readonly bytes: Uint8Array;
  readonly delayMs: number;
}

/**
 * How a hospital breaks its word. It runs the shipped replica; the behaviour alters what that is made of and what of its words leaves.
 * What a behaviour leaves out, it does as an honest node would.
 */
export interface Behaviour {
  ledger?(ledger: Ledger): Ledger;
  engine?(engine: AnyEngine): AnyEngine;
  /** What one peer gets in place of one message: nothing, another, or several. */
  outgoing?(to: number, channel: Channel, bytes: Uint8Array): readonly Sent[];
  /** The height that it claims. */
  claims?(height: Height): Height;
  /** The bytes that answer a request for blocks; null: no answer ever comes. */
  answers?(blocks: readonly CertifiedBlock[]): Uint8Array | null;
}

export type MakeBehaviour = (traitor: Traitor) => Behaviour;

export const NOTHING: readonly Sent[] = [];
export const asIs = (bytes: Uint8Array): readonly Sent[] => [{ bytes, delayMs: 0 }];

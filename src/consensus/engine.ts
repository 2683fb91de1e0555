import type { Address, Hash, Height, Round, Signature } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import type { ValidatorSet } from '../base/validators.ts';

/**
 * The contract between an engine and its host.
 *
 * An engine is a pure function: `step(state, input) → { state, effects }`. The host runs effects in order, one at a time, and
 * feeds their answers back as inputs. Effects of successive steps form one queue: no later input overtakes a pending
 * `persist` (CHAIN.md, "Votes and certificates"). To an engine a block is a hash, bytes and a verdict.
 */
export type EngineName = 'qbft' | 'simplex' | 'clique';

export interface EngineConfig {
  readonly chainId: Hash;
  /** This hospital's id, or `null` for a node that only follows, never signs. */
  readonly self: Address | null;
  readonly primitives: Primitives;
  /** Length of round 0 from the moment the block is due; round r waits `min(base · 2^r, cap)`. */
  readonly roundTimeoutMs: number;
  readonly roundTimeoutCapMs: number;
}

/** Signatures of ⌈2n/3⌉ distinct members, in validator order, over one vote of one round. */
export interface Certificate {
  readonly engine: EngineName;
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  readonly signatures: readonly { readonly validator: Address; readonly signature: Signature }[];
}

/** What every vote signs, with the chain id and the tag `vote` in front. A round change adds what it had prepared. */
export interface Vote {
  readonly chainId: Hash;
  readonly engine: EngineName;
  readonly height: Height;
  readonly round: Round;
  readonly type: string;
  /** All zero where the vote names no block (a round change). */
  readonly blockHash: Hash;
  readonly preparedRound: Round | null;
  readonly preparedHash: Hash | null;
}

export type EngineInput<Message> =
  /** Begin `height`. `restored` is the signing state of that very height after a restart, else `null`. */
  | {
      readonly type: 'start';
      readonly height: Height;
      readonly validators: ValidatorSet;
      readonly restored: Uint8Array | null;
    }
  /** The block of this height is due: leaders may propose, round timers start. */
  | { readonly type: 'due' }
  /** A decoded message of a peer. Signatures are not yet checked. */
  | { readonly type: 'message'; readonly message: Message }
  /** Answer to `sign`: this node's own vote or proposal, signed. */
  | { readonly type: 'signed'; readonly payload: Vote; readonly signature: Signature }
  /** Answer to `build`. */
  | { readonly type: 'built'; readonly round: Round; readonly blockHash: Hash; readonly block: Uint8Array }
  /**
   * Answer to `judge`, one for each. A block that must wait for the clock is judged when it may be. `valid` also says that these bytes
   * hash to `blockHash` and that the body fits the header: the engine cannot know (QBFT-13).
   */
  | { readonly type: 'judged'; readonly blockHash: Hash; readonly valid: boolean }
  /** A timer set by `schedule` ended. Late timers are ignored by the engine. */
  | { readonly type: 'timeout'; readonly height: Height; readonly round: Round };

export type EngineEffect =
  /** Make these bytes durable (fsync) before anything that follows. They replace the previous ones. */
  | { readonly type: 'persist'; readonly height: Height; readonly signingState: Uint8Array }
  /** Sign the payload with the validator key, tag `vote`, then feed back `signed`. */
  | { readonly type: 'sign'; readonly payload: Vote }
  | { readonly type: 'broadcast'; readonly message: Uint8Array }
  | { readonly type: 'send'; readonly to: Address; readonly message: Uint8Array }
  /** Feed back `timeout` after `delayMs`. A new schedule does not cancel older ones. */
  | { readonly type: 'schedule'; readonly height: Height; readonly round: Round; readonly delayMs: number }
  /** This node leads: build a block on the finalised tip. Feed back `built`. */
  | { readonly type: 'build'; readonly height: Height; readonly round: Round }
  /** Check a proposed block fully. `fresh`: hold it to the clock; else it is a re-proposal of a prepared block. */
  | {
      readonly type: 'judge';
      readonly height: Height;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      readonly leader: Address;
      readonly fresh: boolean;
    }
  /** The height is decided. The engine is idle until the next `start`. */
  | { readonly type: 'commit'; readonly block: Uint8Array; readonly certificate: Certificate }
  /** Two signed votes that no honest validator makes (encoded `Evidence`). */
  | { readonly type: 'evidence'; readonly evidence: Uint8Array }
  /** A validly signed message of a later height arrived: the host should sync. */
  | { readonly type: 'behind'; readonly height: Height; readonly from: Address };

export interface EngineStep<State> {
  readonly state: State;
  readonly effects: readonly EngineEffect[];
}

export interface Engine<State, Message> {
  readonly name: EngineName;
  initial(config: EngineConfig): State;
  step(state: State, input: EngineInput<Message>): EngineStep<State>;
  /** Canonical, bounded, never throws. */
  decodeMessage(bytes: Uint8Array): Result<Message>;
}

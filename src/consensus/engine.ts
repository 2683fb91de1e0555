import type { Address, Hash, Height, Round, Signature } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { SignedVote } from './vote.ts';

/**
 * The contract between an engine and its host.
 *
 * An engine is a pure function: `step(state, input) → { state, effects, rules }`. The host runs effects in order, one at a time, and
 * feeds their answers back as inputs. Effects of successive steps form one queue: no later input overtakes a pending
 * `persist` (CHAIN.md, "Votes and certificates"). To an engine a block is a hash, a parent's hash, bytes and a verdict.
 *
 * Some engines build on blocks that are not final yet. The host keeps what executing those gave, in memory, and drops it when a
 * `start` leaves them behind; only what the engine commits reaches the disk.
 */
export type EngineName = 'qbft' | 'simplex' | 'clique';

export interface EngineConfig {
  readonly chainId: Hash;
  /** This hospital's id, or `null` for a node that only follows, never signs. */
  readonly self: Address | null;
  readonly primitives: Primitives;
  /** How long a round (qbft), a view (simplex) or an out-of-turn sealer (clique) waits, from the moment the block is due. */
  readonly roundTimeoutMs: number;
  readonly roundTimeoutCapMs: number;
  /** clique: a block is confirmed once this many lie on top of it. */
  readonly confirmationDepth: number;
}

/**
 * What makes a block final: signatures of ⌈2n/3⌉ distinct members, in validator order, over one vote of one round. clique has the one
 * seal of the block's builder instead, and finality only by depth.
 */
export interface Certificate {
  readonly engine: EngineName;
  /** Height and hash of the block that was voted on: the block itself, or the last of `path`. */
  readonly height: Height;
  /** qbft: the round; simplex: the view; clique: the total difficulty of the chain up to this block. */
  readonly round: Round;
  readonly blockHash: Hash;
  readonly signatures: readonly { readonly validator: Address; readonly signature: Signature }[];
  /**
   * simplex: a block that is final because a descendant is. The encoded headers from its child down to the block voted on. Empty
   * where the votes name the block itself. The host fills it in: to an engine it is always empty.
   */
  readonly path: readonly Uint8Array[];
}

/** What every vote signs, with the chain id and the tag `vote` in front. A qbft round change adds what it had prepared. */
export interface Vote {
  readonly chainId: Hash;
  readonly engine: EngineName;
  readonly height: Height;
  readonly round: Round;
  readonly type: string;
  /** All zero where the vote names no block (a round change, a nullification). */
  readonly blockHash: Hash;
  readonly preparedRound: Round | null;
  readonly preparedHash: Hash | null;
}

/** A durable block and its builder. */
export interface BuiltBlock {
  readonly blockHash: Hash;
  readonly proposer: Address;
}

export type EngineInput<Message> =
  /**
   * The block `parentHash` of `height` − 1 is final and durable: decide `height`. An engine that is ahead of it already, on top of that
   * very block, goes on; any other begins anew from there.
   */
  | {
      readonly type: 'start';
      readonly height: Height;
      readonly parentHash: Hash;
      /** The round of the certificate that made the parent final; null where the parent is the genesis. */
      readonly parentRound: Round | null;
      /** That certificate, where it names a descendant: whatever lies between is final too, and nothing else may be decided there. */
      readonly descendant?: Certificate | null;
      readonly validators: ValidatorSet;
      /** The first height that this set decides. */
      readonly epoch: Height;
      /** The durable blocks, the parent first, and who built each: as far down as the host has them. Only depth finality asks. */
      readonly built?: readonly BuiltBlock[];
      /** The newest durable signing state of this key, whatever its height: on the first start of a process, else null. */
      readonly restored: Uint8Array | null;
    }
  /** Answer to `pace`: a child of this block is due. Leaders may propose, round timers start. */
  | { readonly type: 'due'; readonly parentHash: Hash }
  /** A decoded message of a peer. Signatures are not yet checked. */
  | { readonly type: 'message'; readonly from: Address; readonly message: Message }
  /** Answer to `sign`: this node's own vote or proposal, signed. */
  | { readonly type: 'signed'; readonly payload: Vote; readonly signature: Signature }
  /** Answer to `build`. */
  | {
      readonly type: 'built';
      readonly round: Round;
      readonly parentHash: Hash;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      readonly changesSet: boolean;
    }
  /**
   * Answer to `judge`, one for each. A block that must wait for the clock is judged when it may be. `valid` also says that these bytes
   * hash to `blockHash`, that the body fits the header and that it extends `parentHash`: the engine cannot know (QBFT-13).
   * `changesSet`: another validator set decides the heights after it, so nothing may be built on it until it is final.
   */
  | { readonly type: 'judged'; readonly blockHash: Hash; readonly valid: boolean; readonly changesSet: boolean }
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
  /** Say when a child of this block is due: feed back `due`, at once where it is. The newest question replaces older ones. */
  | { readonly type: 'pace'; readonly parentHash: Hash }
  /** Build a child of `parentHash`, which is the final tip or a block judged valid on top of it. Feed back `built`. */
  | { readonly type: 'build'; readonly height: Height; readonly round: Round; readonly parentHash: Hash }
  /**
   * Check a proposed child of `parentHash` fully; the parent is the final tip or a block judged valid on top of it.
   * `fresh`: the proposal names its leader and is held to the clock; else it is a block that a quorum saw, or proposed again.
   */
  | {
      readonly type: 'judge';
      readonly height: Height;
      readonly parentHash: Hash;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      readonly leader: Address;
      readonly fresh: boolean;
    }
  /** This block, a child of the last one committed, is final. Several may follow each other in one step. */
  | {
      readonly type: 'commit';
      readonly height: Height;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      readonly certificate: Certificate;
    }
  /** Two signed votes that no honest validator makes (encoded `Evidence`). */
  | { readonly type: 'evidence'; readonly evidence: Uint8Array }
  /** A validly signed message shows that `from` has finished the height before `height`: the host should sync. */
  | { readonly type: 'behind'; readonly height: Height; readonly from: Address }
  /** Going on would contradict what was final here (clique: a reversal deeper than the confirmation depth). The node stops. */
  | { readonly type: 'halt'; readonly code: string };

export interface EngineStep<State> {
  readonly state: State;
  readonly effects: readonly EngineEffect[];
  /** The numbered rules of the specification that took effect in this step, each once. For learners, traces and coverage. */
  readonly rules: readonly string[];
}

/** The newest block that an engine holds valid, final or not. What reads it says so. */
export interface Head {
  readonly height: Height;
  readonly blockHash: Hash;
}

export interface Engine<State, Message> {
  readonly name: EngineName;
  /** `certificate`: what is committed can be proved final. `depth`: it is only unlikely to be reversed. */
  readonly finality: 'certificate' | 'depth';
  /** Every numbered rule of the engine's specification. */
  readonly rules: readonly string[];
  initial(config: EngineConfig): State;
  step(state: State, input: EngineInput<Message>): EngineStep<State>;
  /** Canonical, bounded, never throws. */
  decodeMessage(bytes: Uint8Array): Result<Message>;
  head(state: State): Head | null;
  /** Engines whose finality is depth: a block that sync brought, with its certificate, as the message it once came in; null for nonsense. */
  fromSync?(stored: {
    readonly parentHash: Hash;
    readonly block: Uint8Array;
    readonly certificate: Certificate;
  }): Message | null;
  /**
   * The host's second lock before it signs: whether this very vote is in the durable signing state, and contradicts nothing there.
   * False for bytes that do not decode.
   */
  permits(signingState: Uint8Array, vote: Vote): boolean;
  /**
   * The newest votes of this member that are held here, verified: those of the last round or view it was heard in. A member that
   * restarts on an old copy of its folder learns from them that it forgot some. Empty where blocks alone tell (clique).
   */
  newestVotes(state: State, validator: Address): readonly SignedVote[];
  /** Whether this signing state (null: none yet) is older than a vote of its own key: the key must not sign again. */
  forgets(signingState: Uint8Array | null, vote: Vote): boolean;
}

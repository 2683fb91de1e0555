import type { Address, Hash, Height, Signature } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { Vote } from '../consensus/engine.ts';
import type { SignedVote } from '../consensus/vote.ts';
import type { StateView } from '../ledger/chain.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import type { ExecutedBlock } from './ledger.ts';
import type { MempoolLimits } from './limits.ts';
import type { SyncConfig } from './sync.ts';

/** Kept streams of the network: votes and proposals, and batches for the mempool. */
export type Channel = 'consensus' | 'transactions';

/**
 * What the host tells a replica. Every input carries the host's clock: a replica has none.
 *
 * The host runs the effects of all steps as one queue, in order, each finished before the next begins; an input may arrive at any time,
 * but its effects go to the queue's end. So no vote overtakes the `persistSigningState` before it.
 */
export type ReplicaInput = { readonly nowMs: number } & (
  | { readonly type: 'started' }
  /** A whole message of a peer. On `transactions` its signatures are verified here; see `verified`. */
  | { readonly type: 'message'; readonly from: Address; readonly channel: Channel; readonly bytes: Uint8Array }
  /** A peer's batch that the host decoded and verified elsewhere (a worker thread). */
  | { readonly type: 'verified'; readonly from: Address; readonly transactions: readonly SignedTransaction[] }
  /** Transactions of this node's own clients, as bytes or verified already. Answered by `submitted`. */
  | {
      readonly type: 'submit';
      readonly ticket: number;
      readonly transactions: readonly (SignedTransaction | Uint8Array)[];
    }
  /** A timer set by `setTimer` ended. One that means nothing any more is ignored. */
  | { readonly type: 'timer'; readonly id: string }
  /** Answer to `sign`. */
  | { readonly type: 'signed'; readonly payload: Vote; readonly signature: Signature }
  /** Answer to `commit`: the block is durable, and `view` reads the state after it. */
  | { readonly type: 'committed'; readonly height: Height; readonly view: StateView }
  /** Answers to `requestBlocks`: the bytes of a blocks answer, or none. */
  | { readonly type: 'blocksAnswered'; readonly request: number; readonly bytes: Uint8Array }
  | { readonly type: 'requestFailed'; readonly request: number }
  | { readonly type: 'peerConnected'; readonly peer: Address }
  | { readonly type: 'peerDisconnected'; readonly peer: Address }
  /** From an announcement, or from the answer to `requestStatus`: that one has our own newest `votes`, as far as the peer heard them. */
  | {
      readonly type: 'peerHeight';
      readonly peer: Address;
      readonly height: Height;
      readonly votes?: readonly SignedVote[];
    }
);

export type ReplicaEffect =
  /** Replace the signing record by these bytes, durably. */
  | { readonly type: 'persistSigningState'; readonly bytes: Uint8Array }
  /** Sign with the validator key, tag `vote`; feed back `signed`. */
  | { readonly type: 'sign'; readonly payload: Vote }
  | { readonly type: 'send'; readonly to: Address; readonly channel: Channel; readonly bytes: Uint8Array }
  | { readonly type: 'broadcast'; readonly channel: Channel; readonly bytes: Uint8Array }
  /** Feed back `timer` after `delayMs`. A timer replaces an earlier one of the same id. */
  | { readonly type: 'setTimer'; readonly id: string; readonly delayMs: number }
  /** The block is final: make it, its receipts and its state durable in one batch; feed back `committed`. */
  | (ExecutedBlock & {
      readonly type: 'commit';
      readonly height: Height;
      readonly bytes: Uint8Array;
      readonly certificate: Uint8Array;
      /** Noted with the block: a signing record that falls behind it is an old copy (recovery.ts). */
      readonly signingSequence: number;
    })
  /** Ask `peer` for a block range; feed back `blocksAnswered` or `requestFailed` with the same number. */
  | {
      readonly type: 'requestBlocks';
      readonly peer: Address;
      readonly request: number;
      readonly from: Height;
      readonly count: number;
    }
  /** Ask `peer` for its status; feed back `peerHeight`. Losing this one is harmless. */
  | { readonly type: 'requestStatus'; readonly peer: Address }
  /** Tell everyone this node's newest final block (an encoded `Status`). */
  | { readonly type: 'announce'; readonly bytes: Uint8Array }
  /** The peer broke a rule: count it, and drop the peer when it is too much. */
  | { readonly type: 'blame'; readonly peer: Address; readonly code: string }
  /** Answer to `submit`, in its order: the id of an admitted transaction, or why not. */
  | { readonly type: 'submitted'; readonly ticket: number; readonly results: readonly Result<Hash>[] }
  /** An admitted transaction was dropped before any block held it. */
  | { readonly type: 'reject'; readonly transactionId: Hash; readonly code: string }
  /** This node follows but does not sign: ask for a rotation of its key. */
  | { readonly type: 'signingRefused'; readonly code: string }
  /** Going on would be guessing: stop the node. */
  | { readonly type: 'halt'; readonly code: string; readonly detail: string };

export interface ReplicaConfig {
  /** A block is due this long after its parent's time, once a transaction waits. */
  readonly blockIntervalMs: number;
  /** A block is due this long after its parent's time in any case. */
  readonly heartbeatMs: number;
  /** A fresh proposal further ahead of the clock than this waits. */
  readonly clockAheadMaxMs: number;
  /** A fresh proposal further behind the clock than this is refused. */
  readonly clockBehindMaxMs: number;
  readonly roundTimeoutMs: number;
  readonly roundTimeoutCapMs: number;
  /** clique: a block is confirmed once this many lie on top of it. */
  readonly confirmationDepth: number;
  /** How long a client's transaction waits for others to travel with. */
  readonly batchDelayMs: number;
  /** A client's transaction that no block holds is sent again after this long. */
  readonly resendMs: number;
  readonly sync: SyncConfig;
  readonly mempool: MempoolLimits;
}

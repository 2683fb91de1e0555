/** Every bound of a replica's memory and messages, with its unit last. */
export const PROTOCOL_LIMITS = {
  /** One message of the channel `transactions`. */
  batchTransactionsMax: 1_024,
  batchBytesMax: 524_288,
  /** Blocks of one range request, and the bytes of its answer: one block always fits. */
  rangeBlocksMax: 64,
  rangeBytesMax: 4_194_304,
  statusBytesMax: 256,
  /** The votes of one member in one round or view: at most one of each type. */
  statusVotesMax: 4,
  statusAnswerBytesMax: 4_096,
  /** Peers whose height is remembered. */
  peersMax: 256,
  /** Proposals that wait for the clock at one height. */
  waitingProposalsMax: 8,
  /** A proposal further ahead than this is looked at again after this: no timer runs for years. */
  clockWaitMaxMs: 60_000,
  /** Blocks executed but not final: what simplex and clique build on, and what a commit need not execute again. */
  unfinalBlocksMax: 512,
  /** Builders of durable blocks that an engine is told at its start: half of the largest set, and the tip's. */
  buildersMax: 33,
  /** Evidence that waits for a block. */
  evidenceMax: 32,
  /** Heights above the next block whose double votes are kept until that block: an engine is no further ahead of what is durable. */
  evidenceAheadMax: 512,
  /** Heads of senders' queues that one commit checks again. */
  recheckedMax: 256,
  /** One signing record: the engine's state (at most `consensusMessageBytesMax`) and what says whose it is. */
  signingRecordBytesMax: 4_259_840,
} as const;

export interface MempoolLimits {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  readonly perSenderMax: number;
  /** How far ahead of the sender's next nonce a transaction may wait for those before it. */
  readonly nonceAheadMax: number;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  transactionsMax: 16_384,
  bytesMax: 33_554_432,
  perSenderMax: 1_024,
  nonceAheadMax: 1_024,
};

/** Every bound of the engine's memory, for one height. */
export const QBFT_LIMITS = {
  /** Rounds ahead of ours whose prepares and commits are kept. */
  roundsAheadMax: 16,
  /** Rounds behind ours whose votes are kept: their commits still count. */
  roundsBehindMax: 16,
  /** Blocks held, whatever their verdict. */
  blocksMax: 8,
  /** Double votes reported. */
  evidenceMax: 64,
} as const;

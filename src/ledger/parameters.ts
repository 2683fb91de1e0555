import * as shape from '../base/shape.ts';

const DAY_MS = 86_400_000;

/** What governance may change, each within its bounds. Units last; gas is the engine's own unit (docs: gas). */
export const parametersShape = shape.struct({
  blockIntervalMs: shape.uint(600_000),
  heartbeatMs: shape.uint(3_600_000),
  clockAheadMaxMs: shape.uint(60_000),
  clockBehindMaxMs: shape.uint(600_000),
  roundTimeoutMs: shape.uint(600_000),
  roundTimeoutCapMs: shape.uint(3_600_000),
  /** A transaction may be valid this many heights ahead. */
  validityHeightsMax: shape.uint(1_000_000),
  transactionGasMax: shape.uint(100_000_000),
  blockGasMax: shape.uint(100_000_000_000),
  senderBlockGasMax: shape.uint(100_000_000_000),
  sponsorBlockGasMax: shape.uint(100_000_000_000),
  /** Denied transactions of one sender draw on this smaller allowance. */
  deniedBlockGasMax: shape.uint(100_000_000_000),
  /** An applied read opens ciphertext for this many blocks after its own. */
  readOpenHeights: shape.uint(1_000_000),
  stateHistoryHeights: shape.uint(100_000_000),
  /** Storage receipts that a record needs. */
  storageReceiptsMin: shape.uint(32),
  /** Unregistered ciphertext that one uploader may hold at one hospital. */
  uploadQuotaBytes: shape.uint(2 ** 40),
  /** Unregistered uploads end after this many blocks. */
  uploadExpiryHeights: shape.uint(1_000_000),
  grantDurationMaxMs: shape.uint(3_660 * DAY_MS),
  proposalExpiryHeights: shape.uint(10_000_000),
  /** A proposal passes with more than this share of the validators. */
  voteThresholdNumerator: shape.uint(100),
  voteThresholdDenominator: shape.uint(100),
});
export type Parameters = shape.Shaped<typeof parametersShape>;

export const DEFAULT_PARAMETERS: Parameters = {
  blockIntervalMs: 1_000,
  heartbeatMs: 10_000,
  clockAheadMaxMs: 500,
  clockBehindMaxMs: 10_000,
  roundTimeoutMs: 3_000,
  roundTimeoutCapMs: 30_000,
  validityHeightsMax: 600,
  transactionGasMax: 1_000_000,
  blockGasMax: 200_000_000,
  senderBlockGasMax: 40_000_000,
  sponsorBlockGasMax: 100_000_000,
  deniedBlockGasMax: 2_000_000,
  readOpenHeights: 120,
  stateHistoryHeights: 100_000,
  storageReceiptsMin: 2,
  uploadQuotaBytes: 4 * 2 ** 30,
  uploadExpiryHeights: 3_600,
  grantDurationMaxMs: 3_650 * DAY_MS,
  proposalExpiryHeights: 86_400,
  voteThresholdNumerator: 2,
  voteThresholdDenominator: 3,
};

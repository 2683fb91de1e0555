import { ok, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';

/** Zero where it is not in the range would stop the chain for good: no vote could mend it any more. */
const within =
  (min: number, max: number): shape.Shape<number> =>
  (value, path) => {
    const read = shape.uint(max)(value, path);
    if (!read.ok) return read;
    return read.value >= min ? ok(read.value) : refuse('shape.out-of-range', { path, min, max });
  };

const DAY_MS = 86_400_000;

/** What governance may change, each within its bounds. Units last; gas is the engine's own unit (docs: gas). */
const fieldsShape = shape.struct({
  blockIntervalMs: within(10, 600_000),
  heartbeatMs: within(10, 3_600_000),
  clockAheadMaxMs: within(1, 60_000),
  clockBehindMaxMs: within(1_000, 600_000),
  roundTimeoutMs: within(10, 600_000),
  roundTimeoutCapMs: within(10, 3_600_000),
  /** A transaction may be valid this many heights ahead. */
  validityHeightsMax: within(1, 1_000_000),
  transactionGasMax: within(100_000, 100_000_000),
  blockGasMax: within(100_000, 100_000_000_000),
  senderBlockGasMax: within(100_000, 100_000_000_000),
  sponsorBlockGasMax: within(100_000, 100_000_000_000),
  /** Denied transactions of one sender draw on this smaller allowance. */
  deniedBlockGasMax: within(2_000, 100_000_000_000),
  /** An applied read opens ciphertext for this many blocks after its own. */
  readOpenHeights: within(1, 1_000_000),
  stateHistoryHeights: within(1, 100_000_000),
  /** Storage receipts that a record needs. */
  storageReceiptsMin: within(1, 32),
  /** Unregistered ciphertext that one uploader may hold at one hospital. */
  uploadQuotaBytes: within(0, 2 ** 40),
  /** Unregistered uploads end after this many blocks. */
  uploadExpiryHeights: within(1, 1_000_000),
  grantDurationMaxMs: within(1_000, 3_660 * DAY_MS),
  /** A read's evaluation stays open this long after its last answer, claim or published share (ADR 0018). */
  disputeWindowMs: within(1_000, 3_600_000),
  /** A patient's guardians wait at least this long after their approval, in which the patient may object; and at most that long (T-80). */
  guardianMaturingMinMs: within(1_000, 30 * DAY_MS),
  guardianMaturingMaxMs: within(1_000, 366 * DAY_MS),
  proposalExpiryHeights: within(1, 10_000_000),
  /** A change of the validator set takes effect at least this many heights after the vote that passed it. See `changeDelayOf`. */
  validatorChangeDelayMin: within(1, 100_000),
  /** Votes older than this are evidence of nothing any more, and past validator sets are kept as long. */
  evidenceExpiryHeights: within(10, 1_000_000),
  /** clique alone reads it: a block is confirmed once this many lie on top of it. Its engine takes no more (CLIQUE-9). */
  confirmationDepth: within(1, 60),
  /** A proposal passes with more than this share of the validators. */
  voteThresholdNumerator: within(1, 100),
  voteThresholdDenominator: within(1, 100),
});
export type Parameters = shape.Shaped<typeof fieldsShape>;

/** Every allowance holds the dearest transaction, so that none waits for a block that can never hold it. */
const ALLOWANCES = ['blockGasMax', 'senderBlockGasMax', 'sponsorBlockGasMax', 'deniedBlockGasMax'] as const;

export const parametersShape: shape.Shape<Parameters> = (value, path) => {
  const read = fieldsShape(value, path);
  if (!read.ok) return read;
  const tight = ALLOWANCES.find((name) => read.value[name] < read.value.transactionGasMax);
  if (tight !== undefined) return refuse('shape.out-of-range', { path: `${path}.${tight}` });
  if (read.value.guardianMaturingMinMs > read.value.guardianMaturingMaxMs)
    return refuse('shape.out-of-range', { path: `${path}.guardianMaturingMinMs` });
  // A share of one or more could never be exceeded: nothing could be voted any more.
  return read.value.voteThresholdNumerator < read.value.voteThresholdDenominator
    ? read
    : refuse('shape.out-of-range', { path: `${path}.voteThresholdNumerator` });
};

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
  disputeWindowMs: 300_000,
  guardianMaturingMinMs: 3 * DAY_MS,
  guardianMaturingMaxMs: 90 * DAY_MS,
  proposalExpiryHeights: 86_400,
  validatorChangeDelayMin: 8,
  evidenceExpiryHeights: 10_000,
  confirmationDepth: 8,
  voteThresholdNumerator: 2,
  voteThresholdDenominator: 3,
};

/**
 * Heights that must lie between the vote that passes a change of the validator set and its first height (B-25). With clique that vote's
 * block must be confirmed before: else two branches could go on with two sets.
 */
export const changeDelayOf = (
  engine: 'qbft' | 'simplex' | 'clique',
  { validatorChangeDelayMin, confirmationDepth }: Parameters,
): number => (engine === 'clique' ? Math.max(validatorChangeDelayMin, confirmationDepth + 2) : validatorChangeDelayMin);

import type { ReplicaConfig } from './io.ts';
import { DEFAULT_MEMPOOL_LIMITS } from './limits.ts';

/** A consortium on one machine or in one country. The block interval and the heartbeat come from the genesis. */
export const DEFAULT_REPLICA_CONFIG: ReplicaConfig = {
  blockIntervalMs: 1_000,
  heartbeatMs: 10_000,
  clockAheadMaxMs: 500,
  clockBehindMaxMs: 10_000,
  roundTimeoutMs: 2_000,
  roundTimeoutCapMs: 30_000,
  confirmationDepth: 8,
  batchDelayMs: 5,
  resendMs: 5_000,
  sync: { requestTimeoutMs: 10_000, peerPauseMs: 2_000, graceMs: 1_000 },
  mempool: DEFAULT_MEMPOOL_LIMITS,
};

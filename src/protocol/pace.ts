import type { TimestampMs } from '../base/brand.ts';
import type { Header } from '../ledger/header.ts';
import type { ReplicaConfig } from './io.ts';

/** The rules that bind a block to the clock (CHAIN.md, "Time"). All times are milliseconds since the Unix epoch. */

/** When the child of `parent` is due. */
export const dueAtMs = (
  config: Pick<ReplicaConfig, 'blockIntervalMs' | 'heartbeatMs'>,
  parent: Header,
  transactionWaits: boolean,
): number => parent.timestampMs + (transactionWaits ? config.blockIntervalMs : config.heartbeatMs);

/** The time of a block built now: the clock's, but always above the parent's. */
export const buildTimestampMs = (parent: Header, nowMs: number): TimestampMs =>
  Math.max(parent.timestampMs + 1, nowMs) as TimestampMs;

export type ClockVerdict = { readonly wait: number } | 'judge' | 'refuse';

/** Whether a fresh proposal is judged now, after a wait (in milliseconds), or not at all. */
export function clockVerdict(
  config: Pick<ReplicaConfig, 'clockAheadMaxMs' | 'clockBehindMaxMs'>,
  header: Header,
  nowMs: number,
): ClockVerdict {
  const aheadMs = header.timestampMs - nowMs;
  if (aheadMs > config.clockAheadMaxMs) return { wait: aheadMs - config.clockAheadMaxMs };
  return -aheadMs > config.clockBehindMaxMs ? 'refuse' : 'judge';
}

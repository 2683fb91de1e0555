import type { TimestampMs } from '../base/brand.ts';
import type { Header } from '../ledger/header.ts';
import type { ReplicaConfig } from './io.ts';

/** The rules that bind a block to the clock (CHAIN.md, "Time"). All times are milliseconds since the Unix epoch. */

/** How fast the chain goes: what every node must hold alike, so that it stands in the state and governance may change it (T-35). */
export type Pace = Pick<
  ReplicaConfig,
  | 'blockIntervalMs'
  | 'heartbeatMs'
  | 'clockAheadMaxMs'
  | 'clockBehindMaxMs'
  | 'roundTimeoutMs'
  | 'roundTimeoutCapMs'
  | 'confirmationDepth'
>;

export const paceOf = (parameters: Pace): Pace => ({
  blockIntervalMs: parameters.blockIntervalMs,
  heartbeatMs: parameters.heartbeatMs,
  clockAheadMaxMs: parameters.clockAheadMaxMs,
  clockBehindMaxMs: parameters.clockBehindMaxMs,
  roundTimeoutMs: parameters.roundTimeoutMs,
  roundTimeoutCapMs: parameters.roundTimeoutCapMs,
  confirmationDepth: parameters.confirmationDepth,
});

/** Whether an engine that was begun with one pace can go on with the other: it is told these at its beginning. */
export const sameForEngine = (a: Pace, b: Pace): boolean =>
  a.roundTimeoutMs === b.roundTimeoutMs &&
  a.roundTimeoutCapMs === b.roundTimeoutCapMs &&
  a.confirmationDepth === b.confirmationDepth;

/** When the child of `parent` is due. */
export const dueAtMs = (
  pace: Pick<Pace, 'blockIntervalMs' | 'heartbeatMs'>,
  parent: Header,
  transactionWaits: boolean,
): number => parent.timestampMs + (transactionWaits ? pace.blockIntervalMs : pace.heartbeatMs);

/** The time of a block built now: the clock's, but always above the parent's. */
export const buildTimestampMs = (parent: Header, nowMs: number): TimestampMs =>
  Math.max(parent.timestampMs + 1, nowMs) as TimestampMs;

export type ClockVerdict = { readonly wait: number } | 'judge' | 'refuse';

/** Whether a fresh proposal is judged now, after a wait (in milliseconds), or not at all. */
export function clockVerdict(
  pace: Pick<Pace, 'clockAheadMaxMs' | 'clockBehindMaxMs'>,
  header: Header,
  nowMs: number,
): ClockVerdict {
  const aheadMs = header.timestampMs - nowMs;
  if (aheadMs > pace.clockAheadMaxMs) return { wait: aheadMs - pace.clockAheadMaxMs };
  return -aheadMs > pace.clockBehindMaxMs ? 'refuse' : 'judge';
}

import type { LoadRun, RunBlock } from './load-plan.ts';
import { meanOf, type Spread, spreadOf } from './percentiles.ts';

/** The steady part of a run, from one block's finality to a later one's: so no block is cut in two. */
export interface Window {
  readonly openHeight: number;
  readonly closeHeight: number;
  readonly seconds: number;
}

export interface Measured {
  readonly seconds: number;
  /** Final and applied within the window. */
  readonly transactions: number;
  readonly perSecond: number;
  readonly latencyMs: Spread;
  readonly blocks: number;
  readonly blockIntervalMs: number;
  readonly transactionsPerBlock: { readonly mean: number; readonly max: number };
  readonly blockBytes: { readonly mean: number; readonly max: number };
}

/** A block counts as final once the last hospital has announced it. */
export const finalAtMs = ({ announcedAtMs }: RunBlock): number => Math.max(...announcedAtMs);

/**
 * From the first block that is final after the warm-up to the last one that is final before the load ends. Null where that is
 * not at least one whole block.
 */
export function windowOf(run: LoadRun): Window | null {
  const begin = run.startedAtMs + run.warmUpMs;
  const within = run.blocks.filter((block) => finalAtMs(block) >= begin && finalAtMs(block) <= run.stoppedAtMs);
  const [open, close] = [within[0], within.at(-1)];
  if (open === undefined || close === undefined || close.height <= open.height) return null;
  return {
    openHeight: open.height,
    closeHeight: close.height,
    seconds: (finalAtMs(close) - finalAtMs(open)) / 1_000,
  };
}

/** How many of the blocks behind the window's first hold any transaction of this run. */
export const loadedIn = ({ blocks }: LoadRun, { openHeight, closeHeight }: Window): number =>
  blocks.filter(({ height, applied }) => height > openHeight && height <= closeHeight && applied > 0).length;

/** What the blocks behind the window's first hold. */
export function measure(run: LoadRun, window: Window): Measured {
  const blocks = run.blocks.filter(({ height }) => height > window.openHeight && height <= window.closeHeight);
  const applied = blocks.map((block) => block.applied);
  const bytes = blocks.map((block) => block.bytes);
  const transactions = applied.reduce((sum, count) => sum + count, 0);
  return {
    seconds: window.seconds,
    transactions,
    perSecond: transactions / window.seconds,
    latencyMs: spreadOf(blocks.flatMap(({ latenciesMs }) => latenciesMs)) ?? { p50: 0, p95: 0, p99: 0, max: 0 },
    blocks: blocks.length,
    blockIntervalMs: (window.seconds * 1_000) / blocks.length,
    transactionsPerBlock: { mean: meanOf(applied) ?? 0, max: Math.max(...applied) },
    blockBytes: { mean: meanOf(bytes) ?? 0, max: Math.max(...bytes) },
  };
}

export interface Accounts {
  readonly submitted: number;
  readonly accepted: number;
  readonly applied: number;
  readonly denied: number;
  readonly failed: number;
  /** Accepted by a hospital, and in no block when the wait for it was over. A sound chain has none. */
  readonly lost: number;
}

/** The whole run, warm-up and end included: what went in must have come out. */
export function accountsOf(run: LoadRun): Accounts {
  const sum = (of: (block: RunBlock) => number): number => run.blocks.reduce((total, block) => total + of(block), 0);
  const [applied, denied, failed] = [sum((b) => b.applied), sum((b) => b.denied), sum((b) => b.failed)];
  const { submitted, accepted } = run;
  return { submitted, accepted, applied, denied, failed, lost: accepted - applied - denied - failed };
}

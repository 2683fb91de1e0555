/**
 * Everything that may strike a run from outside, on one page. `atMs` to `untilMs`: while it lasts, or (a crash) until it is mended.
 * All end when the quiet phase begins.
 */
export type Fault = {
  readonly atMs: number;
  readonly untilMs: number;
} & ( // The network. Links without a name are all links.
  | { readonly kind: 'loss'; readonly links: Links; readonly share: number }
  | { readonly kind: 'duplication'; readonly links: Links; readonly share: number }
  | { readonly kind: 'delay'; readonly links: Links; readonly delayMaxMs: number }
  /** Messages of a link overtake each other; else each link keeps their order, as a stream does. */
  | { readonly kind: 'reordering'; readonly links: Links }
  | { readonly kind: 'partition'; readonly group: readonly number[] }
  /** `from` is not heard by `to`, which it still hears. */
  | { readonly kind: 'one-way'; readonly from: readonly number[]; readonly to: readonly number[] }
  | { readonly kind: 'flapping'; readonly group: readonly number[]; readonly periodMs: number }
  /** The streams between two nodes break: both are told, and what is under way is lost. */
  | { readonly kind: 'disconnect'; readonly nodes: readonly [number, number] }
  // The process.
  | { readonly kind: 'crash'; readonly node: number }
  /** Crashes again and again, shortly after each start. */
  | { readonly kind: 'restart-storm'; readonly nodes: readonly number[]; readonly periodMs: number }
  /** Power fails everywhere in `nodes` at once, just after the first of them begins a write of this kind: the moment that hurts most. */
  | {
      readonly kind: 'power-cut';
      readonly nodes: readonly number[];
      readonly on: 'persistSigningState' | 'commit';
      readonly afterMs: number;
    }
  /** A follower that is not there before `untilMs`, and starts from a copy of another node's final chain, or from nothing. */
  | { readonly kind: 'late-start'; readonly node: number; readonly from: 'genesis' | 'snapshot' }
  /** The process stands still; whatever arrives waits. */
  | { readonly kind: 'pause'; readonly node: number }
  | { readonly kind: 'clock-jump'; readonly node: number; readonly byMs: number }
  // The disk.
  /** Power fails in the middle of the next durable write. */
  | { readonly kind: 'torn-write'; readonly node: number }
  /** The next durable write fails: the node stops, and verifies when it starts again. */
  | { readonly kind: 'io-error'; readonly node: number }
  | { readonly kind: 'full-disk'; readonly node: number }
  | { readonly kind: 'slow-disk'; readonly node: number; readonly writeMs: number }
  | { readonly kind: 'pruning'; readonly node: number; readonly keepHeights: number }
  // State-losing: these count against f.
  | { readonly kind: 'flipped-bit'; readonly node: number; readonly where: 'chain' | 'signing' }
  | { readonly kind: 'wiped-disk'; readonly node: number; readonly from: 'genesis' | 'snapshot' }
  /** A copy of the signing file made at `atMs` is put back at `untilMs`. */
  | { readonly kind: 'old-backup'; readonly node: number }
);

/** Messages from one of `from` to one of `to`; null is everyone. */
export interface Links {
  readonly from: readonly number[] | null;
  readonly to: readonly number[] | null;
}

export type FaultKind = Fault['kind'];

export const NETWORK_KINDS = [
  'loss',
  'duplication',
  'delay',
  'reordering',
  'partition',
  'one-way',
  'flapping',
  'disconnect',
] as const;
export const PROCESS_KINDS = ['crash', 'restart-storm', 'power-cut', 'pause', 'clock-jump'] as const;
export const DISK_KINDS = ['torn-write', 'io-error', 'full-disk', 'slow-disk', 'pruning'] as const;
export const STATE_LOSING_KINDS = ['flipped-bit', 'wiped-disk', 'old-backup'] as const;

import * as shape from '../base/shape.ts';

/** Transactions of one HTTP request, at most: `/v1/transactions/batch` takes no more. */
export const BATCH_MAX = 2_048;
/** Transactions that one process signs ahead, at most: what a minute at the chain's own bounds could hold. */
export const PRESIGNED_MAX = 400_000;

const hex = (bytes: number): shape.Shape<string> => shape.text(2 * bytes, new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

/** How fast transactions are handed in: as many as `inFlight` wait at a time, or so many a second whatever becomes of them. */
const paceShape: shape.Shape<Pace> = (value, path) => {
  const kind = shape.anyMap(value, path);
  if (!kind.ok) return kind;
  return kind.value.kind === 'closed'
    ? shape.struct({ kind: shape.oneOf('closed'), inFlight: shape.uint() })(value, path)
    : shape.struct({ kind: shape.oneOf('open'), perSecond: shape.uint() })(value, path);
};
export type Pace =
  | { readonly kind: 'closed'; readonly inFlight: number }
  | { readonly kind: 'open'; readonly perSecond: number };

/** What the bench tells its load process: whom to load, as whom, how. Its keys are made for this run and end with it. */
const loadPlanShape = shape.struct({
  type: shape.oneOf('plan'),
  chainId: hex(32),
  /** Addresses of the hospitals' APIs. */
  apis: shape.list(shape.text(300), 64, 1),
  /** A hospital's account key: whole blocks are for those who run the chain. */
  observerSecret: hex(32),
  /** Enrolled practitioners; the nth is at home at hospital n mod apis, and hands in there. Their next nonce. */
  senders: shape.list(shape.struct({ secretKey: hex(32), nonce: shape.uint() }), 4_096, 1),
  /** Registered records, asked for in turn. */
  records: shape.list(hex(32), 4_096, 1),
  validUntilHeight: shape.uint(),
  /** How many to sign before the clock starts. */
  presigned: shape.uint(PRESIGNED_MAX),
  batch: shape.uint(BATCH_MAX),
  pace: paceShape,
  warmUpMs: shape.uint(),
  measureMs: shape.uint(),
  /** A closed loop is filled little by little over this time: what comes at once fills one block, and then none for as long as it takes to be final. */
  rampMs: shape.uint(),
  /** Blocks with transactions of this run that the window shall hold, and how long it is kept open for them. */
  windowBlocks: shape.uint(),
  measureMsMax: shape.uint(),
  drainMs: shape.uint(),
});
export type LoadPlan = shape.Shaped<typeof loadPlanShape>;

export function readLoadPlan(message: unknown): LoadPlan | undefined {
  const read = loadPlanShape(message, '');
  return read.ok ? read.value : undefined;
}

/** What the load process tells the bench. Times are milliseconds of one clock that only it knows. */
export type LoadMessage =
  /** Everything is signed; the clock starts at `start`. */
  | { readonly type: 'signed'; readonly transactionBytes: number; readonly signMicroseconds: number }
  /** Every hospital has finalised this height: time to note what else is measured. */
  | { readonly type: 'block'; readonly height: number }
  | { readonly type: 'done'; readonly run: LoadRun }
  | { readonly type: 'failed'; readonly message: string };

export interface LoadRun {
  /** When transactions began to be handed in, and when no more were. */
  readonly startedAtMs: number;
  readonly stoppedAtMs: number;
  /** Until the window opened: the plan's, or until the first block that holds any of this run was final. */
  readonly warmUpMs: number;
  /** Of everything that was signed ahead, nothing was left before the time was over. */
  readonly exhausted: boolean;
  readonly submitted: number;
  readonly accepted: number;
  /** Answers that were refusals, by code; those that say "later" were handed in again. */
  readonly refused: Readonly<Record<string, number>>;
  readonly blocks: readonly RunBlock[];
}

/** One finalised block as the clients saw it. */
export interface RunBlock {
  readonly height: number;
  /** When each hospital announced it. */
  readonly announcedAtMs: readonly number[];
  /** Transactions of this run in it, by outcome. */
  readonly applied: number;
  readonly denied: number;
  readonly failed: number;
  readonly bytes: number;
  /** From the hand-in of each of them to the announcement by the very hospital that took it. */
  readonly latenciesMs: readonly number[];
}

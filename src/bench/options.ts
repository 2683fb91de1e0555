import { engineOf } from '../consensus/engines.ts';
import { usageError } from '../consortium/output.ts';
import type { Genesis } from '../ledger/genesis.ts';
import { DEFAULT_PARAMETERS } from '../ledger/parameters.ts';
import { BATCH_MAX, type Pace, PRESIGNED_MAX } from './load-plan.ts';

/** As the command line gives them. */
export interface BenchOptions {
  readonly engine: string;
  readonly validators: number;
  readonly seconds: number;
  /** Transactions a second, by a schedule; else as many as are taken. */
  readonly rate?: number;
  /** 4,096 where nothing is said, 8,192 with clique. */
  readonly inFlight?: number;
  readonly batch: number;
  readonly blockMs: number;
  readonly profile?: string;
}

export interface BenchSettings {
  readonly engine: Genesis['engine'];
  readonly validators: number;
  readonly pace: Pace;
  readonly batch: number;
  readonly blockIntervalMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly rampMs: number;
  readonly windowBlocks: number;
  readonly measureMsMax: number;
  readonly presigned: number;
}

const ENGINES: readonly string[] = ['qbft', 'simplex', 'clique'];
/** As many as keep the hospitals busy until they are final. A block without finality waits for its depth: eight more blocks. */
const IN_FLIGHT = { certificate: 4_096, depth: 8_192 } as const;
/** Blocks over which a closed loop is filled. Those that wait for a depth wait for so many, and each shall hold its part. */
const RAMP_BLOCKS = { certificate: 0, depth: 1 + DEFAULT_PARAMETERS.confirmationDepth } as const;
/** A figure from fewer blocks is chance. On a slow machine the window stays open for them. */
const WINDOW_BLOCKS = 5;
const MEASURE_STRETCH = 4;
const WARM_UP_MS_MAX = 5_000;
/** What one block may hold, and more than any engine here decides in a second. */
const BLOCK_TRANSACTIONS = 4_096;
const PER_SECOND_MAX = 8_192;

export function settingsOf(options: BenchOptions): BenchSettings {
  const { validators, seconds, rate, batch, blockMs } = options;
  const engine = options.engine as Genesis['engine'];
  if (!ENGINES.includes(engine)) throw usageError(`--engine is one of ${ENGINES.join(', ')}`);
  if (batch > BATCH_MAX) throw usageError(`--batch is at most ${BATCH_MAX}`);
  const inFlight = options.inFlight ?? IN_FLIGHT[engineOf(engine).finality];
  const measureMs = seconds * 1_000;
  const warmUpMs = Math.min(WARM_UP_MS_MAX, Math.round(measureMs / 2));
  const pace: Pace = rate === undefined ? { kind: 'closed', inFlight } : { kind: 'open', perSecond: rate };
  const perSecond = rate ?? Math.min(PER_SECOND_MAX, Math.ceil((BLOCK_TRANSACTIONS * 1_000) / blockMs));
  const spare = rate === undefined ? inFlight : batch * validators;
  const presigned = Math.ceil((perSecond * (warmUpMs + measureMs)) / 1_000) + spare;
  if (presigned > PRESIGNED_MAX)
    throw usageError('so many seconds at this rate are more than this process can sign ahead');
  return {
    engine,
    validators,
    pace,
    batch,
    blockIntervalMs: blockMs,
    warmUpMs,
    measureMs,
    rampMs: RAMP_BLOCKS[engineOf(engine).finality] * blockMs,
    windowBlocks: WINDOW_BLOCKS,
    measureMsMax: MEASURE_STRETCH * measureMs,
    presigned,
  };
}

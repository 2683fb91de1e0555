import { Random } from './random.ts';

/**
 * What is done to a hospital's process. `kill`: SIGKILL, as a power cut that keeps the disk. `pause`: SIGSTOP, then SIGCONT: for
 * the others it is gone, and it wakes with an old idea of the time. `stop`: SIGTERM, an orderly end. `flap`: killed, and killed
 * again while it starts.
 */
export type Fault = 'kill' | 'pause' | 'stop' | 'flap';

export interface Strike {
  /** From 1. */
  readonly hospital: number;
  readonly fault: Fault;
  /** How long it is away. */
  readonly lastsMs: number;
  /** Of a `flap`: from the second start to the second kill. */
  readonly startCutMs: number;
}

/** Some hospitals are struck at once; the episode is over when all of them were started again. */
export interface Episode {
  /** Quiet before it, from the end of the episode before. Whoever was struck last may still be catching up. */
  readonly quietMs: number;
  readonly strikes: readonly Strike[];
}

/** In every so many episodes, all hospitals are struck together; the first time early, so that a short run has one. */
const ALL_EVERY = 8;
const ALL_FIRST = 1;
const QUIET_MS = [300, 2_500] as const;
/** One away is what the protocol tolerates, and may last; more than that halts the chain, and is soon over. */
const ONE_AWAY_MS = [500, 7_000] as const;
const MANY_AWAY_MS = [200, 3_000] as const;
const START_CUT_MS = [50, 1_500] as const;
/** Of 10 episodes that do not strike all, so many strike one more than the protocol tolerates. */
const TOO_MANY_OF_TEN = 3;

/** Faults without end, from a seed alone: what is done never depends on what came of it. */
export function* chaosSchedule(seed: number, hospitals: number, tolerated: number): Generator<Episode, never> {
  const random = new Random(seed);
  const numbers = Array.from({ length: hospitals }, (_, index) => index + 1);
  for (let count = 0; ; count++) {
    const all = count % ALL_EVERY === ALL_FIRST;
    const struck = all ? hospitals : random.between(1, 10) <= TOO_MANY_OF_TEN ? tolerated + 1 : Math.max(1, tolerated);
    const away: readonly [number, number] = struck > tolerated ? MANY_AWAY_MS : ONE_AWAY_MS;
    // Every second time all are killed at one instant: nobody is left who remembers what was not on a disk.
    const together: Fault | null = all && count % (2 * ALL_EVERY) === ALL_FIRST ? 'kill' : null;
    yield {
      quietMs: random.between(...QUIET_MS),
      strikes: random.sample(numbers, Math.min(struck, hospitals)).map((hospital) => ({
        hospital,
        fault: together ?? random.pick<Fault>(['kill', 'kill', 'pause', 'stop', 'flap']),
        lastsMs: random.between(...away),
        startCutMs: random.between(...START_CUT_MS),
      })),
    };
  }
}

import type { Plan } from '../plan.ts';

/** What makes a member slow at most. Anything else may keep a block from the next sealer for longer than a block interval. */
const HARMLESS_FAULTS: readonly string[] = ['duplication', 'reordering', 'slow-disk', 'pruning'];
/** What a dishonest member may do without sealing twice, or keeping its seals from some. */
const HARMLESS_BEHAVIOURS: readonly string[] = ['silent', 'censor', 'garbage', 'lying-sync-peer'];
/** Below the shortest block interval of any run. */
const DELAY_MAX_MS = 200;

/**
 * Whether a run's engine promises that no final block reverts. qbft and simplex always do, up to f faulty members. clique does where
 * nobody seals twice and every message arrives within a block interval; in its other runs reversals are measured, not counted.
 */
export const promisesFinality = ({ engine, network, faults, byzantine }: Plan): boolean =>
  engine !== 'clique' ||
  (network.delayMaxMs <= DELAY_MAX_MS &&
    faults.every(({ kind }) => HARMLESS_FAULTS.includes(kind)) &&
    byzantine.every(({ behaviour }) => HARMLESS_BEHAVIOURS.includes(behaviour)));

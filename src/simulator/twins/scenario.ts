import { assert } from '../../base/assert.ts';

/**
 * Twins (Bano et al., *Twins: BFT Systems Made Robust*, OPODIS 2021): one validator of four runs twice, with one key. Neither copy lies,
 * yet together they equivocate in every way that message order allows. Every way to split the five instances in two, in each of
 * four rounds, with every order of leaders, is one scenario.
 *
 *   splits of one round   2⁵ / 2 = 16    sides have no names, so instance 0 is always on side 0
 *   leader offsets        4
 *   scenarios             16⁴ · 4 = 262,144
 */
export const VALIDATORS = 4;
/** The validators, and the copy of the last of them. */
export const INSTANCES = VALIDATORS + 1;
export const ROUNDS = 4;
export const SPLITS = 2 ** (INSTANCES - 1);
export const SCENARIOS = SPLITS ** ROUNDS * VALIDATORS;

export interface Scenario {
  readonly index: number;
  /** The first round's leader is validator `leaderOffset`, the next one's the one after it. */
  readonly leaderOffset: number;
  /** For each round the side of each instance, 0 or 1. */
  readonly sides: readonly (readonly number[])[];
}

/** Scenarios are numbered in order: the leader offset turns fastest, then the first round's split. */
export function scenarioAt(index: number): Scenario {
  assert(Number.isInteger(index) && index >= 0 && index < SCENARIOS, 'a scenario has a number');
  let rest = Math.floor(index / VALIDATORS);
  const sides: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    sides.push(sidesOf(rest % SPLITS));
    rest = Math.floor(rest / SPLITS);
  }
  return { index, leaderOffset: index % VALIDATORS, sides };
}

/** Bit i − 1 of the split is the side of instance i. */
const sidesOf = (split: number): number[] => [
  0,
  ...Array.from({ length: INSTANCES - 1 }, (_, i) => Math.floor(split / 2 ** i) % 2),
];

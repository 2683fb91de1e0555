import type { ValidatorSet } from '../../base/validators.ts';
import type { EngineConfig } from '../engine.ts';
import { keyOf } from '../key.ts';

/** EIP-225 ("Clique"), the rules on who seals when, without its votes and its extra data. */

const IN_TURN = 2;
const OUT_OF_TURN = 1;

/** Position in the set, by hexadecimal id; −1 for a stranger. */
export const indexOf = (set: ValidatorSet, sealer: string): number => set.findIndex(({ id }) => keyOf(id) === sealer);

/** How many places after the one in turn at `height` a validator comes: 0 is in turn (CLIQUE-4). */
export const placesAfterTurn = (set: ValidatorSet, height: number, sealer: string): number =>
  (indexOf(set, sealer) - (height % set.length) + set.length) % set.length;

/** What a block of this sealer adds to the total difficulty (CLIQUE-4). */
export const difficultyOf = (set: ValidatorSet, height: number, sealer: string): number =>
  placesAfterTurn(set, height, sealer) === 0 ? IN_TURN : OUT_OF_TURN;

/** Of this many consecutive blocks a validator seals at most one (CLIQUE-5). */
export const recentLimit = (n: number): number => Math.floor(n / 2) + 1;

/** What a sealer waits after the block is due, in milliseconds (CLIQUE-4). Where EIP-225 draws lots, the order of the set decides. */
export const wiggleMs = (config: Pick<EngineConfig, 'roundTimeoutMs' | 'roundTimeoutCapMs'>, places: number): number =>
  Math.min((places * config.roundTimeoutMs) / 2, config.roundTimeoutCapMs);

/** Acknowledgements follow no block time: each waits for its rivals as an out-of-turn block would (CLIQUE-12). */
export const ackDelayMs = (
  config: Pick<EngineConfig, 'roundTimeoutMs' | 'roundTimeoutCapMs'>,
  places: number,
): number => wiggleMs(config, places + 1);

import { randomInt } from 'node:crypto';
import { type ChaosOptions, runChaos } from '../chaos/run-chaos.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

export interface ChaosFlags extends Omit<ChaosOptions, 'seed'> {
  /** A fresh one where none is given. */
  readonly seed?: number;
}

const SEEDS = 1_000_000;

/** `carechain chaos`: 0 where every check holds, 1 where one does not, 2 where it was ended early. */
export const chaos = (flags: ChaosFlags, output: Output): Promise<ExitCode> =>
  runChaos({ ...flags, seed: flags.seed ?? randomInt(SEEDS) }, output);

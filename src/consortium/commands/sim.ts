import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { SimOptions } from './sim/flags.ts';
import { refuseUnused, SIM_MODES, type SimMode } from './sim/modes.ts';

/** `carechain sim`: 0 where every run holds, 1 where one is violated or stalls, 2 where a campaign was cut short, 64 usage. */
export async function sim(options: SimOptions, output: Output): Promise<ExitCode> {
  const mode = SIM_MODES.find(({ isAsked }) => isAsked(options)) as SimMode;
  refuseUnused(mode, options);
  return mode.run(options, output);
}

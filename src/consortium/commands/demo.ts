import { type DemoOptions, runDemo } from '../demo/run-demo.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** `carechain demo`: 0 where every check holds, 1 where one fails, 2 where none fails and the time was over before the last. */
export const demo = (options: DemoOptions, output: Output): Promise<ExitCode> => runDemo(options, output);

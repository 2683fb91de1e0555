import { type DemoOptions, runDemo } from '../demo/run-demo.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** `carechain demo`: 0 where every check holds, else 1. */
export const demo = (options: DemoOptions, output: Output): Promise<ExitCode> => runDemo(options, output);

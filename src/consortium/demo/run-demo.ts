import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
export interface DemoOptions { readonly records?: string; readonly keep?: string; readonly marker?: string }
export async function runDemo(_o: DemoOptions, _out: Output): Promise<ExitCode> { return 70; }

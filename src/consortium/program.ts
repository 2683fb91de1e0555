import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** How to start the command line as a process of its own, in whichever form this very file runs: compiled, or from source. */
export interface Program {
  readonly modulePath: string;
  readonly execArgv: readonly string[];
}

export function program(): Program {
  const fromSource = import.meta.url.endsWith('.ts');
  const modulePath = fileURLToPath(new URL(`../../bin/carechain.${fromSource ? 'ts' : 'js'}`, import.meta.url));
  if (!fromSource) return { modulePath, execArgv: [] };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { modulePath, execArgv: ['--import', loader] };
}

/** Leave to look for dead buffers as a large record streams by (src/storage/stream-garbage.ts): every hospital has it. */
export const streamArgs: readonly string[] = ['--expose-gc'];

/** Options of Node for a process that must stay small: a smaller nursery than V8's own. It costs speed (docs/bench.md). */
export const smallArgs: readonly string[] = [...streamArgs, '--max-semi-space-size=1', '--optimize-for-size'];

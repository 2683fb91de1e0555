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

/**
 * Options of Node for processes that stream large records: a smaller nursery than V8's own, and leave to look for dead buffers
 * as a stream goes by (src/storage/stream-garbage.ts).
 */
export const memoryArgs: readonly string[] = ['--max-semi-space-size=2', '--expose-gc', '--optimize-for-size'];

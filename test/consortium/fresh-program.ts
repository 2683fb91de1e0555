import { statSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../src/consortium/marker-search.ts';
import { packageRoot } from '../../src/consortium/package-root.ts';
import { type Program, program } from '../../src/consortium/program.ts';

/** The compiled program where it is younger than every source, since it starts three times as fast; else from source. */
export async function freshProgram(): Promise<Program> {
  const root = packageRoot();
  const built = statSync(join(root, 'dist', '.carechain-built'), { throwIfNoEntry: false });
  const sources = [...(await filesBelow(join(root, 'src'))), ...(await filesBelow(join(root, 'bin')))];
  const isFresh = built !== undefined && sources.every((path) => statSync(path).mtimeMs < built.mtimeMs);
  return isFresh ? { modulePath: join(root, 'dist', 'bin', 'carechain.js'), execArgv: [] } : program();
}

import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileError } from '../files.ts';

/** Folders above a test in which its files are looked for. */
const ABOVE_MAX = 8;

/** A test names its files relative to the corpus; where there is none, they are looked for around the test itself. */
export async function resolvePath(corpus: string, test: string, named: string): Promise<string> {
  const candidates = [join(corpus, named), ...foldersAbove(test).map((folder) => join(folder, named))];
  candidates.push(join(dirname(test), basename(named)));
  for (const path of isAbsolute(named) ? [named, ...candidates] : candidates)
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  throw fileError('consortium-command.file-missing', named, `named by ${test}`);
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folders.length < ABOVE_MAX; folder = dirname(folder)) {
    folders.push(folder);
    if (dirname(folder) === folder) break;
  }
  return folders;
}

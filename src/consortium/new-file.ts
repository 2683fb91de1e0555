import { writeFile } from 'node:fs/promises';
import { CONSORTIUM_CODES } from './codes.ts';
import { EXIT } from './exit-codes.ts';
import { CommandError } from './output.ts';

/** Writes a file for its owner alone; one that exists is never overwritten. */
export async function writeNewPrivateFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'EEXIST') throw cause;
    const code = 'consortium-command.file-exists';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage, cause });
  }
}

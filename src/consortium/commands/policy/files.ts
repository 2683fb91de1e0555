import { readFile, stat } from 'node:fs/promises';
import { CONSORTIUM_CODES, type ConsortiumCode } from '../../codes.ts';
import { EXIT } from '../../exit-codes.ts';
import { CommandError } from '../../output.ts';

/** A file of a person's own: larger ones are not read. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a file, or a coded error that names it. */
export async function readText(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) throw fileError('consortium-policy.unreadable', path, 'it is a folder');
  if (found?.isFile() !== true) throw fileError('consortium-command.file-missing', path);
  if (found.size > FILE_BYTES_MAX) throw fileError('consortium-policy.unreadable', path, 'it is too large');
  const bytes = await readFile(path).catch((cause) => {
    throw fileError('consortium-policy.unreadable', path, String((cause as { code?: unknown }).code));
  });
  try {
    return UTF8.decode(bytes);
  } catch {
    throw fileError('consortium-policy.unreadable', path, 'it is no UTF-8 text');
  }
}

/** `about` says what is wrong with the file: a code of the rule engine, and where. */
export function fileError(code: ConsortiumCode, file: string, about?: string): CommandError {
  const reason = about === undefined ? '' : `: ${about}`;
  return new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${file}${reason}`, {
    exitCode: EXIT.usage,
    detail: { file, ...(about !== undefined && { about }) },
  });
}

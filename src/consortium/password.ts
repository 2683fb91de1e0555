import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CONSORTIUM_CODES } from './codes.ts';
import { EXIT } from './exit-codes.ts';
import { CommandError, usageError } from './output.ts';

/** A file's first line, else CARECHAIN_PASSWORD, else asked for; without a terminal nothing is asked. */
export async function readPassword(
  file: string | undefined,
  { confirm = false }: { readonly confirm?: boolean } = {},
): Promise<string> {
  const given = file === undefined ? process.env.CARECHAIN_PASSWORD : await firstLine(file);
  if (given !== undefined && given !== '') return given;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw noPassword();
  const password = await ask('Password: ');
  if (password === '') throw noPassword();
  if (confirm && (await ask('Once more: ')) !== password) throw usageError('the two passwords differ');
  return password;
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${file}`, { exitCode: EXIT.usage, cause });
  });
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** What is typed is not shown. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

function noPassword(): CommandError {
  const code = 'consortium-command.no-password';
  return new CommandError(code, CONSORTIUM_CODES[code].meaning, { exitCode: EXIT.usage });
}

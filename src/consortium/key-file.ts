import { readFile } from 'node:fs/promises';
import type { Primitives } from '../base/primitives.ts';
import { openWallet, type Wallet } from '../client/wallet.ts';
import { CONSORTIUM_CODES } from './codes.ts';
import { EXIT } from './exit-codes.ts';
import { CommandError, refusalText } from './output.ts';
import { readPassword } from './password.ts';

/** A person's keys from their file, with the password that is given or asked for. */
export async function openKeyFile(
  primitives: Primitives,
  file: string,
  passwordFile: string | undefined,
): Promise<Wallet> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${file}`, { exitCode: EXIT.usage, cause });
  });
  const wallet = openWallet(primitives, await readPassword(passwordFile), text);
  if (wallet.ok) return wallet.value;
  throw new CommandError(wallet.rejection.code, refusalText(wallet.rejection), { exitCode: EXIT.violated });
}

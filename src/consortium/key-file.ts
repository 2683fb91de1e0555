import { readFile } from 'node:fs/promises';
import type { Primitives } from '../base/primitives.ts';
import { openWallet, type Wallet } from '../client/wallet.ts';
import { CRYPTO_CODES } from '../crypto/codes.ts';
import { CONSORTIUM_CODES } from './codes.ts';
import { EXIT } from './exit-codes.ts';
import { CommandError } from './output.ts';
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
  const { code, detail } = wallet.rejection;
  // Nothing was asked of the chain yet: what was given does not do, as with a file that is not there.
  throw new CommandError(code, `${CRYPTO_CODES[code].meaning} ${file}`, { exitCode: EXIT.usage, detail: detail ?? {} });
}

import { toHex } from '../../base/bytes.ts';
import { addressText } from '../../base/digest.ts';
import { hostDevice } from '../../client/device.ts';
import { createWallet, type Wallet } from '../../client/wallet.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openKeyFile } from '../key-file.ts';
import { writeNewPrivateFile } from '../new-file.ts';
import type { Output } from '../output.ts';
import { readPassword } from '../password.ts';

export interface WalletOptions {
  readonly file: string;
  readonly passwordFile?: string;
}

/** `carechain wallet new`: keys made here, written encrypted, and known to nobody else. */
export async function walletNew({ file, passwordFile }: WalletOptions, output: Output): Promise<ExitCode> {
  const password = await readPassword(passwordFile, { confirm: true });
  const device = hostDevice(nativePrimitives());
  const wallet = createWallet(device);
  await writeNewPrivateFile(file, wallet.seal(device, password));
  show(file, wallet, output);
  output.say('Keep the file and the password: nobody can replace either.');
  return EXIT.holds;
}

/** `carechain wallet show`: public keys only. */
export async function walletShow({ file, passwordFile }: WalletOptions, output: Output): Promise<ExitCode> {
  show(file, await openKeyFile(nativePrimitives(), file, passwordFile), output);
  return EXIT.holds;
}

function show(file: string, wallet: Wallet, output: Output): void {
  const facts = {
    file,
    id: addressText(wallet.id),
    accountKey: toHex(wallet.account.publicKey),
    signingKey: toHex(wallet.signing.publicKey),
    receivingKey: toHex(wallet.receiving.publicKey),
  };
  output.result(
    facts,
    Object.entries(facts)
      .map(([name, value]) => `${name.padEnd(13)}${value}`)
      .join('\n'),
  );
}

import { readFile, stat } from 'node:fs/promises';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import { createApiClient } from '../client/api-client.ts';
import { hostDevice } from '../client/device.ts';
import { createSession, type Session } from '../client/session.ts';
import { trustGenesis } from '../client/trust.ts';
import type { Wallet } from '../client/wallet.ts';
import { categoryNames } from '../fhir/index.ts';
import { nativePrimitives } from '../node/primitives.ts';
import { asCommandError } from './api-failure.ts';
import { CONSORTIUM_CODES } from './codes.ts';
import { EXIT } from './exit-codes.ts';
import { openKeyFile } from './key-file.ts';
import { CommandError, refusalText, usageError } from './output.ts';

/** Who acts, and through which hospital: flags that commands of persons share. */
export interface PersonOptions {
  /** A hospital's API. */
  readonly node: string;
  readonly genesis: string;
  /** The person's key file. */
  readonly key: string;
  readonly passwordFile?: string;
  /** Names of categories that this person made up: they stand in no key file and on no chain. */
  readonly category?: string;
}

export interface PersonDevice {
  readonly session: Session;
  readonly wallet: Wallet;
}

/** Does one thing on a person's device: the keys are here, and the chain is believed by its genesis file alone. */
export async function onDevice<T>(options: PersonOptions, work: (device: PersonDevice) => Promise<T>): Promise<T> {
  const device = await openDevice(options);
  try {
    return await work(device);
  } catch (error) {
    throw asCommandError(error);
  }
}

async function openDevice({ node, genesis, key, passwordFile, category }: PersonOptions): Promise<PersonDevice> {
  if (!URL.canParse(node)) throw usageError(`${node} is no address of an API`);
  const device = hostDevice(nativePrimitives());
  const trust = trustGenesis(device.primitives, await readGenesis(genesis));
  if (!trust.ok)
    throw new CommandError(trust.rejection.code, refusalText(trust.rejection), { exitCode: EXIT.violated });
  const wallet = await openKeyFile(device.primitives, key, passwordFile);
  // The chain knows opaque ids: the device tries every name that it files under.
  for (const name of [...categoryNames, ...(category === undefined ? [] : [category])]) wallet.categoryOf(name);
  const { account } = wallet;
  const api = createApiClient({ baseUrl: node.replace(/\/+$/, ''), chainId: trust.value.chainId, device, account });
  return { wallet, session: createSession({ device, trust: trust.value, api, account }) };
}

async function readGenesis(path: string): Promise<string> {
  await mustBeFile(path, LIMITS.genesisBytesMax);
  return readFile(path, 'utf8');
}

/** Its length in bytes. */
export async function mustBeFile(path: string, bytesMax = Number.MAX_SAFE_INTEGER): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw missing(path);
  if (found.size > bytesMax) throw usageError(`${path} is larger than ${bytesMax} bytes`);
  return found.size;
}

function missing(path: string): CommandError {
  const code = 'consortium-command.file-missing';
  return new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage });
}

/** What the chain, a hospital or the own device refused is *violated*: the command's result is its code. */
export function held<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, detail } = result.rejection;
  throw new CommandError(code, refusalText(result.rejection), {
    exitCode: EXIT.violated,
    ...(detail === undefined ? {} : { detail }),
  });
}

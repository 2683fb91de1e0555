import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient } from '../../client/api-client.ts';
import { type Device, hostDevice } from '../../client/device.ts';
import { createHttp, type Http } from '../../client/http.ts';
import { createSession, type Session } from '../../client/session.ts';
import { trustGenesis } from '../../client/trust.ts';
import { accountOf } from '../../client/wallet.ts';
import { type Genesis, parseGenesis } from '../../ledger/genesis.ts';
import { type NodeConfig, readNodeConfig } from '../../node/config.ts';
import { type HospitalKeys, readHospitalKeys } from '../../node/keys.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { asCommandError } from '../api-failure.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT } from '../exit-codes.ts';
import { GENESIS_FILE, KEYS_FILE, NODE_FILE } from '../layout.ts';
import { CommandError, refusalText, usageError } from '../output.ts';

export interface DeskOptions {
  /** The hospital's own data folder. */
  readonly data: string;
  /** A hospital's API; the one of node.json where it is not said. */
  readonly api?: string;
}

/** Where a hospital acts as an institution: its own folder is at hand, and its account key signs. No key leaves the folder. */
export interface HospitalDesk {
  readonly data: string;
  readonly device: Device;
  readonly keys: HospitalKeys;
  readonly genesis: Genesis;
  /** Sends its transactions, and waits for the block. */
  readonly session: Session;
  /** Asks its node. */
  readonly http: Http;
}

/** Does one thing at the desk. */
export async function atDesk<T>(options: DeskOptions, work: (desk: HospitalDesk) => Promise<T>): Promise<T> {
  const desk = await openHospitalDesk(options);
  try {
    return await work(desk);
  } catch (error) {
    throw asCommandError(error);
  }
}

async function openHospitalDesk({ data, api }: DeskOptions): Promise<HospitalDesk> {
  const folder = folderOf(data);
  const device = hostDevice(nativePrimitives());
  const { primitives } = device;
  const genesisText = await readFile(join(folder, GENESIS_FILE), 'utf8');
  const parsed = parseGenesis(primitives, genesisText);
  const trust = trustGenesis(primitives, genesisText);
  if (!parsed.ok || !trust.ok)
    throw new CommandError('genesis.malformed', refusalText((parsed.ok ? trust : parsed) as never));
  const keys = await readHospitalKeys(join(folder, KEYS_FILE));
  const baseUrl = apiOf(await readNodeConfig(join(folder, NODE_FILE)), api);
  const account = accountOf(primitives, keys.account);
  const connection = { baseUrl, chainId: trust.value.chainId, device, account };
  const session = createSession({ device, trust: trust.value, account, api: createApiClient(connection) });
  return { data: folder, device, keys, genesis: parsed.value.genesis, session, http: createHttp(connection) };
}

function folderOf(data: string): string {
  const missing = [GENESIS_FILE, NODE_FILE, KEYS_FILE].find((name) => !existsSync(join(data, name)));
  if (missing === undefined) return data;
  const code = 'consortium-command.file-missing';
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${join(data, missing)}`, { exitCode: EXIT.usage });
}

function apiOf({ api }: NodeConfig, given: string | undefined): string {
  if (given !== undefined) {
    if (!URL.canParse(given)) throw usageError(`${given} is no address of an API`);
    return given.replace(/\/+$/, '');
  }
  if (api.port === 0) throw usageError('node.json leaves the port of the API to the system: name the API with --api');
  return `${api.tls === null ? 'http' : 'https'}://${api.host}:${api.port}`;
}

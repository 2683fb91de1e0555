import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Hash, Height } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { BlockAnswer } from '../client/api.ts';
import { createApiClient } from '../client/api-client.ts';
import { hostDevice } from '../client/device.ts';
import { ApiError, ClientError } from '../client/errors.ts';
import { accountOf } from '../client/wallet.ts';
import { parseGenesis } from '../ledger/genesis.ts';
import { readNodeConfig } from '../node/config.ts';
import { readHospitalKeys } from '../node/keys.ts';
import type { ChainSource } from '../storage/export-car.ts';
import { KEYS_FILE, NODE_FILE } from './layout.ts';
import { CommandError, refusalText } from './output.ts';

/** The API answers a key no faster than its rate: the rest waits its turn. */
const TOO_MANY_REQUESTS = 429;
const TURN_MS = 500;

export interface RunningChain {
  readonly chainId: Hash;
  readonly height: Height;
  readonly source: ChainSource;
}

/**
 * The chain of a hospital whose node runs: one process owns a data folder, so its blocks come through its own API, asked with the
 * hospital's account key. `undefined` where nothing answers at the configured address (port 0 names none).
 */
export async function runningChainOf(
  primitives: Primitives,
  folder: string,
  genesisText: string,
): Promise<RunningChain | undefined> {
  const genesis = parseGenesis(primitives, genesisText);
  if (!genesis.ok) throw new CommandError(genesis.rejection.code, refusalText(genesis.rejection));
  const { chainId } = genesis.value;
  const { api } = await readNodeConfig(join(folder, NODE_FILE));
  const keys = await readHospitalKeys(join(folder, KEYS_FILE));
  const client = createApiClient({
    baseUrl: `${api.tls === null ? 'http' : 'https'}://${api.host}:${api.port}`,
    chainId,
    device: hostDevice(primitives),
    account: accountOf(primitives, keys.account),
  });
  const status = await client.status().catch((error: unknown) => {
    if (error instanceof ClientError) return undefined;
    throw error;
  });
  if (status === undefined) return undefined;
  let held: { readonly at: Height; readonly answer: BlockAnswer } | null = null;
  const at = async (wanted: Height): Promise<BlockAnswer> => {
    if (held?.at !== wanted) held = { at: wanted, answer: await inTurn(() => client.block(wanted)) };
    return held.answer;
  };
  const source: ChainSource = {
    block: async (wanted) => (await at(wanted)).block,
    certificate: async (wanted) => (await at(wanted)).certificate ?? undefined,
    receipts: async (wanted) => (await at(wanted)).receipts,
  };
  return { chainId, height: status.height as Height, source };
}

async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== TOO_MANY_REQUESTS) throw error;
      await pause(TURN_MS);
    }
  }
}

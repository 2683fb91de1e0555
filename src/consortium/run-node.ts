import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApi } from '../api/server.ts';
import { equal } from '../base/bytes.ts';
import { addressText } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { createLibp2pNetwork } from '../network/libp2p-network.ts';
import { NODE_CODES } from '../node/codes.ts';
import type { NodeConfig } from '../node/config.ts';
import { readNodeConfig } from '../node/config.ts';
import { NodeError } from '../node/errors.ts';
import { readHandleSecrets } from '../node/handle-file.ts';
import { hospitalOf, openGenesis } from '../node/identity.ts';
import { type HospitalKeys, readHospitalKeys, writeHospitalKeys } from '../node/keys.ts';
import { createLogger } from '../node/logger.ts';
import { type CarechainNode, createNode } from '../node/node.ts';
import { nativePrimitives } from '../node/primitives.ts';
import { namedKeyOf } from '../node/voting-key.ts';
import { GENESIS_FILE, KEYS_FILE, NODE_FILE } from './layout.ts';
import type { ReadyMessage } from './ready-message.ts';
import { Recording } from './recording.ts';

export interface ServedNode {
  readonly node: CarechainNode;
  readonly ready: ReadyMessage;
  /** Ends the API, then the node, then releases the folder. */
  stop(): Promise<void>;
}

export interface RunOptions {
  /** Where all application traffic is written. */
  readonly recordFolder?: string | undefined;
  /** False for benchmarks on one machine, whose clients share one address. */
  readonly rateLimits?: boolean | undefined;
}

/** One hospital's node from its data folder: chain, network and API. Resolves once it serves. */
export async function runNode(
  dataFolder: string,
  { recordFolder, rateLimits = true }: RunOptions = {},
): Promise<ServedNode> {
  const primitives = nativePrimitives();
  const config = await readNodeConfig(join(dataFolder, NODE_FILE));
  const keys = await readHospitalKeys(join(dataFolder, KEYS_FILE));
  const genesisText = await readGenesis(dataFolder);
  const logger = createLogger({ level: config.logLevel });
  const recording = recordFolder === undefined ? undefined : new Recording(recordFolder);
  const { chainId } = openGenesis(primitives, genesisText);
  const network = createLibp2pNetwork({
    chainId,
    self: hospitalOf(primitives, keys),
    privateKeySeed: keys.peerSeed,
    listen: config.listen,
    logger,
    ...(recording === undefined ? {} : { tap: recording.network }),
  });
  const node = await createNode({
    dataFolder,
    genesisText,
    keys,
    primitives,
    network,
    logger,
    addresses: config.peers,
    handleSecrets: await readHandleSecrets(dataFolder),
    countsHandles: rateLimits,
  });
  try {
    await retireOldKey(dataFolder, keys, node, primitives);
    await node.start();
    const tls = await readTls(config);
    const api = await createApi(node.service, {
      host: config.api.host,
      port: config.api.port,
      docs: true,
      logger,
      codes: NODE_CODES,
      ...(rateLimits ? {} : { rateLimits: null }),
      ...(tls === undefined ? {} : { tls }),
      ...(recording === undefined ? {} : { tap: recording.api }),
    });
    logger.info('serving', { api: api.address, primitives: primitives.name });
    const stop = async (): Promise<void> => {
      await api.close();
      await node.stop();
      recording?.close();
    };
    return {
      node,
      stop,
      ready: {
        type: 'ready',
        hospital: addressText(node.hospital),
        peerId: network.peerId,
        api: api.address,
        listen: network.listenAddresses(),
        height: node.service.tip().header.height,
      },
    };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** The key that waited is named by the set: it takes the other's place in keys.json, and the other is gone for good. */
async function retireOldKey(
  dataFolder: string,
  keys: HospitalKeys,
  { service, hospital }: CarechainNode,
  primitives: Primitives,
): Promise<void> {
  const { nextValidator, ...present } = keys;
  const named = namedKeyOf(service.tip(), hospital);
  if (nextValidator === undefined || named === undefined || !equal(named, primitives.publicKeyOf(nextValidator)))
    return;
  await writeHospitalKeys(join(dataFolder, KEYS_FILE), { ...present, validator: nextValidator });
}

async function readGenesis(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, GENESIS_FILE), 'utf8');
  } catch (cause) {
    throw new NodeError('node-file.missing', { file: GENESIS_FILE }, { cause });
  }
}

async function readTls({ api: { tls } }: NodeConfig): Promise<{ cert: string; key: string } | undefined> {
  if (tls === null) return undefined;
  return { cert: await readFile(tls.certificatePath, 'utf8'), key: await readFile(tls.keyPath, 'utf8') };
}

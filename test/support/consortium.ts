import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Address, Hash, SecretKey, TimestampMs } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { scalarFromUniform } from '../../src/crypto/keys.ts';
import { type Genesis, renderGenesis } from '../../src/ledger/genesis.ts';
import { type Parameters as ChainParameters, DEFAULT_PARAMETERS } from '../../src/ledger/parameters.ts';
import { createLibp2pNetwork } from '../../src/network/libp2p-network.ts';
import { createMemoryHub, type MemoryHub } from '../../src/network/memory-network.ts';
import { peerIdOf } from '../../src/network/peer-key.ts';
import { hospitalOf, openGenesis } from '../../src/node/identity.ts';
import type { HospitalKeys } from '../../src/node/keys.ts';
import { type NodeLogger, SILENT_LOGGER } from '../../src/node/logger.ts';
import { type CarechainNode, createNode, type NodeNetwork } from '../../src/node/node.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { until } from './until.ts';

export const primitives = nativePrimitives();

/** Pseudo-random bytes that are the same in every run. */
export const seeded = (name: string, bytes: number): Uint8Array =>
  new Uint8Array(createHash('shake256', { outputLength: bytes }).update(name).digest());
export const seededSecret = (name: string): SecretKey => scalarFromUniform(seeded(name, 48));

export const hospitalKeys = (n: number): HospitalKeys => ({
  account: seededSecret(`hospital ${n} account`),
  validator: seededSecret(`hospital ${n} validator`),
  duty: seededSecret(`hospital ${n} duty`),
  peerSeed: seeded(`hospital ${n} peer`, 32),
});

/** A pace for tests: blocks as soon as there is something to put in, and a quick beat. */
const QUICK: Partial<ChainParameters> = { blockIntervalMs: 50, heartbeatMs: 250, roundTimeoutMs: 1_500 };

const POLICIES = fileURLToPath(new URL('../../policies/', import.meta.url));

/** The constitution that ships with the project. */
export const shippedPolicies = (): Genesis['policies'] =>
  readdirSync(POLICIES)
    .filter((name) => name.endsWith('.cedar'))
    .sort()
    .map((name) => ({ id: basename(name, '.cedar'), text: readFileSync(join(POLICIES, name), 'utf8') }));

export interface ConsortiumOptions {
  readonly parameters?: Partial<ChainParameters>;
  /** Multiaddrs of each hospital; none where the network needs none. */
  readonly addresses?: readonly (readonly string[])[];
}

export interface Hospital {
  readonly number: number;
  readonly id: Address;
  readonly keys: HospitalKeys;
}

/** A genesis of `count` validating hospitals, and everything that it needs to run. */
export interface Consortium {
  readonly genesisText: string;
  readonly chainId: Hash;
  readonly hospitals: readonly Hospital[];
}

export function makeConsortium(count: number, { parameters, addresses = [] }: ConsortiumOptions = {}): Consortium {
  const hospitals = Array.from({ length: count }, (_, i) => {
    const keys = hospitalKeys(i + 1);
    return { number: i + 1, id: hospitalOf(primitives, keys), keys };
  });
  const genesisText = renderGenesis({
    version: 1,
    name: 'Test consortium',
    engine: 'qbft',
    timestampMs: 1_700_000_000_000 as TimestampMs,
    parameters: { ...DEFAULT_PARAMETERS, ...QUICK, ...parameters },
    hospitals: hospitals.map(({ number, keys }, i) => ({
      name: `Hospital ${number}`,
      tier: 'tertiary',
      accountKey: primitives.publicKeyOf(keys.account),
      validatorKey: primitives.publicKeyOf(keys.validator),
      dutyKey: primitives.publicKeyOf(keys.duty),
      peerId: peerIdOf(keys.peerSeed),
      addresses: addresses[i] ?? [],
    })),
    policies: shippedPolicies(),
  });
  return { genesisText, chainId: openGenesis(primitives, genesisText).chainId, hospitals };
}

/** A folder of its own, gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'carechain-node-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type MakeNetwork = (consortium: Consortium, hospital: Hospital) => NodeNetwork;

/** Networks in memory. The chain names peers by their libp2p ids, the hub by hospital. */
export function memoryNetworks(hub: MemoryHub = createMemoryHub()): MakeNetwork {
  return ({ chainId }, { id }) => {
    const network = hub.create({ chainId, self: id });
    return Object.assign(Object.create(network) as NodeNetwork, {
      setPeers: (peers: Parameters<NodeNetwork['setPeers']>[0]) =>
        network.setPeers(peers.map((peer) => ({ ...peer, peerId: `memory-${toHex(peer.hospital)}` }))),
      ...bound(network),
    });
  };
}

/** Methods of a class with private fields work on their own object only. */
const bound = (network: NodeNetwork): Omit<NodeNetwork, 'setPeers'> => ({
  start: (handlers) => network.start(handlers),
  stop: () => network.stop(),
  send: (...args) => network.send(...args),
  broadcast: (...args) => network.broadcast(...args),
  announce: (bytes) => network.announce(bytes),
  request: (...args) => network.request(...args),
  connected: () => network.connected(),
  listenAddresses: () => network.listenAddresses(),
  metrics: () => network.metrics?.() as never,
});

/** Real sockets on loopback, at the addresses of the genesis. */
export const libp2pNetworks =
  (addresses: readonly (readonly string[])[]): MakeNetwork =>
  ({ chainId }, { id, keys, number }) =>
    createLibp2pNetwork({ chainId, self: id, privateKeySeed: keys.peerSeed, listen: addresses[number - 1] ?? [] });

/** Loopback multiaddrs that were free a moment ago. */
export async function freeAddresses(count: number): Promise<readonly (readonly string[])[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports.map((port) => [`/ip4/127.0.0.1/tcp/${port}`]);
}

/** Nodes of a consortium in this process, each with a folder of its own. All are stopped after the test. */
export class RunningConsortium {
  readonly consortium: Consortium;
  readonly folder: string;
  readonly #makeNetwork: MakeNetwork;
  readonly #nodes = new Map<number, CarechainNode>();
  logger: NodeLogger = SILENT_LOGGER;

  private constructor(consortium: Consortium, folder: string, makeNetwork: MakeNetwork) {
    this.consortium = consortium;
    this.folder = folder;
    this.#makeNetwork = makeNetwork;
  }

  static async make(consortium: Consortium, makeNetwork: MakeNetwork = memoryNetworks()): Promise<RunningConsortium> {
    const running = new RunningConsortium(consortium, await temporaryFolder(), makeNetwork);
    onTestFinished(() => running.stop());
    return running;
  }

  folderOf(number: number): string {
    return join(this.folder, `hospital-${number}`);
  }

  async start(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const hospital = this.consortium.hospitals[number - 1] as Hospital;
      const node = await createNode({
        dataFolder: this.folderOf(number),
        genesisText: this.consortium.genesisText,
        keys: hospital.keys,
        primitives,
        network: this.#makeNetwork(this.consortium, hospital),
        logger: this.logger,
      });
      this.#nodes.set(number, node);
      await node.start();
    }
  }

  async startAll(): Promise<void> {
    await this.start(...this.consortium.hospitals.map(({ number }) => number));
  }

  node(number: number): CarechainNode {
    const node = this.#nodes.get(number);
    if (node === undefined) throw new Error(`hospital ${number} does not run`);
    return node;
  }

  get nodes(): readonly CarechainNode[] {
    return [...this.#nodes.values()];
  }

  async stop(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers.length > 0 ? numbers : [...this.#nodes.keys()]) {
      await this.#nodes.get(number)?.stop();
      this.#nodes.delete(number);
    }
  }

  heightOf(number: number): number {
    return this.node(number).service.tip().header.height;
  }

  /** Until every running node has finalised `height`. */
  async reached(height: number, timeoutMs = 20_000): Promise<void> {
    const heights = () => this.nodes.map(({ service }) => service.tip().header.height);
    await until(() => heights().every((at) => at >= height), { timeoutMs, what: `height ${height}` }).catch((error) => {
      throw new Error(`${(error as Error).message}; heights ${heights().join(', ')}`);
    });
  }

  /** The hash of a height on every running node: one value where they agree. It binds the state root. */
  async hashesAt(height: number): Promise<ReadonlySet<string>> {
    const blocks = await Promise.all(this.nodes.map(({ service }) => service.block(height as never)));
    return new Set(blocks.map((block) => (block === undefined ? 'none' : toHex(block.hash))));
  }
}

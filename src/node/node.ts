import type { NodeService } from '../api/service.ts';
import { assert } from '../base/assert.ts';
import type { Address, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { decodeCertificate } from '../consensus/certificate.ts';
import type { Certificate } from '../consensus/engine.ts';
import { engineOf } from '../consensus/engines.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { LedgerEnv, Tip } from '../ledger/chain.ts';
import { tipOf } from '../ledger/genesis-block.ts';
import type { Header } from '../ledger/header.ts';
import type { NetworkMetrics } from '../network/metrics.ts';
import type { Network } from '../network/network.ts';
import { ledgerOf } from '../protocol/chain-ledger.ts';
import { DEFAULT_REPLICA_CONFIG } from '../protocol/defaults.ts';
import { PROTOCOL_LIMITS } from '../protocol/limits.ts';
import { createReplica, type Replica } from '../protocol/replica.ts';
import type { ChainStore, StateView } from '../storage/chain-store.ts';
import { StorageError } from '../storage/errors.ts';
import { NodeError } from './errors.ts';
import { checkHandleSecrets, type HandleSecrets } from './handle-file.ts';
import { hospitalOf, openGenesis, standingOf, strayKeyOf } from './identity.ts';
import type { HospitalKeys } from './keys.ts';
import type { NodeLogger } from './logger.ts';
import { type NodeData, openNodeData } from './open-data.ts';
import type { AddressOverride } from './peers.ts';
import { RunningNode } from './running-node.ts';
import { namedKeyOf, takeVotingKey } from './voting-key.ts';

/** A network as a node uses it: the seam, and what only some implementations have. */
export interface NodeNetwork extends Network {
  metrics?(): NetworkMetrics;
  forgetBootstrapPeers?(): void;
}

export interface NodeOptions {
  /** One folder for each hospital; made where it is not there. */
  readonly dataFolder: string;
  /** The bytes of genesis.json: their hash is the chain. */
  readonly genesisText: string;
  readonly keys: HospitalKeys;
  readonly primitives: Primitives;
  /** Made for this chain and this hospital (`openGenesis`, `hospitalOf`), not yet started. */
  readonly network: NodeNetwork;
  readonly logger: NodeLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  /** From `handles.json`; null or missing where the folder has none. */
  readonly handleSecrets?: HandleSecrets | null;
  /** False for benchmarks on one machine: questions for handles are not counted. */
  readonly countsHandles?: boolean;
  /** Where hospitals of the chain are reached now, instead of at the addresses of their records. */
  readonly addresses?: readonly AddressOverride[];
}

/** Why a node stopped itself. */
export interface Halt {
  readonly code: string;
  readonly detail: string;
}

/** One hospital's node. It starts once; to run it again, make it again from its folder. */
export interface CarechainNode {
  readonly hospital: Address;
  /** The validator key that it runs with: it votes while the set names this one. */
  readonly validatorKey: PublicKey;
  readonly service: NodeService;
  /** Resolves when the node has stopped itself, because going on would be guessing. Never rejects; `stop` does not resolve it. */
  readonly halted: Promise<Halt>;
  start(): Promise<void>;
  /** Finishes the write under way and releases the folder. */
  stop(): Promise<void>;
}

/** Opens the folder, verifies what it holds, and makes the replica that continues there. Nothing is sent before `start`. */
export async function createNode(options: NodeOptions): Promise<CarechainNode> {
  const { dataFolder, keys, primitives, logger, clock = Date.now } = options;
  const env = openGenesis(primitives, options.genesisText);
  if (options.handleSecrets) checkHandleSecrets(primitives, env.genesis.handleKey, options.handleSecrets);
  const data = await openNodeData({
    path: dataFolder,
    env,
    hospital: hospitalOf(primitives, keys),
    validatorKey: primitives.publicKeyOf(keys.validator),
    logger,
  });
  try {
    const view = newestOf(data.chain.view());
    const tip = await storedTip(env, data.chain, view);
    const stray = strayKeyOf(primitives, view, keys);
    if (stray !== null) throw new NodeError('node-keys.differ', { key: stray });
    const { hospital, known } = standingOf(primitives, view, keys);
    const votingKey = await takeVotingKey(env, tip, { dataFolder, hospital, keys }, data);
    const validatorKey = votingKey.publicKey;
    const validates = equal(namedKeyOf(tip, hospital) ?? new Uint8Array(0), validatorKey);
    if (!known) logger.warn('these keys belong to no hospital of the chain yet', { code: 'node-keys.foreign' });
    else if (!validates) logger.warn('this node follows and does not vote', { code: 'node-keys.not-validator' });
    const tipProof = await storedProof(data.chain, tip);
    const headersBelow = await storedHeaders(data.chain, tip.header.height);
    const replica = replicaOf({ env, data, tip, headersBelow, tipProof, hospital, validatorKey });
    return new RunningNode({ ...options, clock, env, data, replica, hospital, view, votingKey });
  } catch (error) {
    await data.close();
    throw error;
  }
}

interface Stand {
  readonly env: LedgerEnv;
  readonly data: NodeData;
  readonly tip: Tip;
  readonly headersBelow: readonly Header[];
  readonly tipProof: Certificate | null;
  readonly hospital: Address;
  readonly validatorKey: PublicKey;
}

function replicaOf({ env, data, tip, headersBelow, tipProof, hospital, validatorKey }: Stand): Replica {
  return createReplica({
    ledger: ledgerOf(env),
    engine: engineOf(env.genesis.engine),
    // Its pace is the chain's own, which the ledger reads from the state: these are what concerns this node alone.
    config: DEFAULT_REPLICA_CONFIG,
    self: hospital,
    validatorKey,
    tip,
    headersBelow,
    tipProof,
    signingRecord: data.signing?.state ?? null,
    signingSequenceAtTip: data.chain.signingSequenceAtTip(),
  });
}

async function storedTip(env: LedgerEnv, chain: ChainStore, view: StateView): Promise<Tip> {
  return tipOf(env, await storedHeader(chain, view.height), view);
}

async function storedHeader(chain: ChainStore, height: Height): Promise<Header> {
  const bytes = await chain.block(height);
  const block = bytes === undefined ? undefined : decodeBlock(bytes);
  if (block === undefined || !block.ok) throw new StorageError('storage.corrupt', { keySpace: 'block' });
  return block.value.header;
}

/** Headers below the tip, the newest first. */
function storedHeaders(chain: ChainStore, tip: Height): Promise<readonly Header[]> {
  const count = Math.min(tip, PROTOCOL_LIMITS.buildersMax);
  return Promise.all(Array.from({ length: count }, (_, i) => storedHeader(chain, (tip - 1 - i) as Height)));
}

/** The round of the certificate that the newest block is stored with; null at genesis, which has none. */
async function storedProof(chain: ChainStore, tip: Tip): Promise<Certificate | null> {
  if (tip.header.height === 0) return null;
  const certificate = decodeCertificate((await chain.certificate(tip.header.height)) ?? new Uint8Array(0));
  if (!certificate.ok) throw new StorageError('storage.corrupt', { keySpace: 'certificate' });
  return certificate.value;
}

function newestOf(view: ReturnType<ChainStore['view']>): StateView {
  assert(view.ok, 'an opened chain has a newest state');
  return view.value;
}

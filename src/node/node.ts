import type { NodeService } from '../api/service.ts';
import { assert } from '../base/assert.ts';
import type { Address } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import { qbft } from '../consensus/qbft/index.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { LedgerEnv, Tip } from '../ledger/chain.ts';
import { tipOf } from '../ledger/genesis-block.ts';
import type { Parameters } from '../ledger/parameters.ts';
import { parameterRows } from '../ledger/state/tables.ts';
import type { NetworkMetrics } from '../network/metrics.ts';
import type { Network } from '../network/network.ts';
import { ledgerOf } from '../protocol/chain-ledger.ts';
import { DEFAULT_REPLICA_CONFIG } from '../protocol/defaults.ts';
import type { ReplicaConfig } from '../protocol/io.ts';
import { createReplica, type Replica } from '../protocol/replica.ts';
import type { ChainStore, StateView } from '../storage/chain-store.ts';
import { StorageError } from '../storage/errors.ts';
import { hospitalOf, openGenesis, standingOf } from './identity.ts';
import type { HospitalKeys } from './keys.ts';
import type { NodeLogger } from './logger.ts';
import { type NodeData, openNodeData } from './open-data.ts';
import type { AddressOverride } from './peers.ts';
import { RunningNode } from './running-node.ts';

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
  const data = await openNodeData({ path: dataFolder, env, hospital: hospitalOf(primitives, keys), logger });
  try {
    const view = newestOf(data.chain.view());
    const tip = await storedTip(env, data.chain, view);
    const { hospital, known, validates } = standingOf(primitives, view, keys);
    if (!known) logger.warn('these keys belong to no hospital of the chain yet', { code: 'node-keys.foreign' });
    else if (!validates) logger.warn('this node follows and does not vote', { code: 'node-keys.not-validator' });
    const replica = replicaOf(env, data, tip, validates ? hospital : null);
    return new RunningNode({ ...options, clock, env, data, replica, hospital, view });
  } catch (error) {
    await data.close();
    throw error;
  }
}

function replicaOf(env: LedgerEnv, data: NodeData, tip: Tip, self: Address | null): Replica {
  return createReplica({
    ledger: ledgerOf(env),
    engine: qbft,
    config: configOf(parameterRows.get(tip.view, 'parameters') ?? env.genesis.parameters),
    self,
    tip,
    signingRecord: data.signing?.state ?? null,
    signingSequenceAtTip: data.chain.signingSequenceAtTip(),
  });
}

/** The pace that the chain's parameters set; what concerns this node alone has defaults. */
const configOf = (parameters: Parameters): ReplicaConfig => ({
  ...DEFAULT_REPLICA_CONFIG,
  blockIntervalMs: parameters.blockIntervalMs,
  heartbeatMs: parameters.heartbeatMs,
  clockAheadMaxMs: parameters.clockAheadMaxMs,
  clockBehindMaxMs: parameters.clockBehindMaxMs,
  roundTimeoutMs: parameters.roundTimeoutMs,
  roundTimeoutCapMs: parameters.roundTimeoutCapMs,
});

async function storedTip(env: LedgerEnv, chain: ChainStore, view: StateView): Promise<Tip> {
  const bytes = await chain.block(view.height);
  const block = bytes === undefined ? undefined : decodeBlock(bytes);
  if (block === undefined || !block.ok) throw new StorageError('storage.corrupt', { keySpace: 'block' });
  return tipOf(env, block.value.header, view);
}

function newestOf(view: ReturnType<ChainStore['view']>): StateView {
  assert(view.ok, 'an opened chain has a newest state');
  return view.value;
}

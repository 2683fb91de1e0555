import type { FoundReceipt, NodeService, StoredBlock } from '../api/service.ts';
import type { Hash, Height } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { StateView } from '../ledger/chain.ts';
import { headerHash } from '../ledger/header.ts';
import { decodeReceipts } from '../ledger/receipt.ts';
import type { Replica } from '../protocol/replica.ts';
import type { BlobPutOptions } from '../storage/blob-store.ts';
import type { ChainStore, StateView as StoredView } from '../storage/chain-store.ts';
import { StorageError } from '../storage/errors.ts';
import { cidBytes } from './cid.ts';
import type { Custody } from './custody.ts';
import { isDiskError } from './errors.ts';
import type { EventHub } from './events.ts';
import type { GuardianDesk } from './guardian-service.ts';
import type { HandleDesk } from './handle-desk.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import { activePeers, peersOf } from './peers.ts';
import type { ReadService } from './read-service.ts';
import type { Readiness } from './readiness.ts';
import { isShreddedContent } from './record-rows.ts';
import type { SearchDesk } from './search-desk.ts';
import type { SessionDesk } from './session-desk.ts';
import type { Submissions } from './submissions.ts';

export interface ServiceParts {
  readonly context: NodeContext;
  readonly replica: Replica;
  readonly submissions: Submissions;
  readonly events: EventHub;
  readonly custody: Custody;
  readonly reads: ReadService;
  readonly searches: SearchDesk;
  readonly guardians: GuardianDesk;
  readonly sessions: SessionDesk;
  readonly handles: HandleDesk;
  /** Hears of a disk that refused a write. */
  readonly failed: (error: unknown) => void;
  readonly startedAtMs: () => number;
  readonly readiness: () => Readiness;
  readonly metrics: () => string;
}

/** The node as its API sees it: final state only, and no way to a key. */
export function createService(parts: ServiceParts): NodeService {
  const { context, replica, submissions, events, custody, reads, searches } = parts;
  const { chain, env, hospital, network, tip, parameters } = context;
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isDiskError(error)) parts.failed(error);
      throw error;
    }
  };
  return {
    env,
    hospital,
    get startedAtMs() {
      return parts.startedAtMs();
    },
    tip,
    unfinal: () =>
      replica.unfinal.map(({ block: { header }, hash, execution }) => ({
        height: header.height,
        hash,
        proposer: header.proposer,
        timestampMs: header.timestampMs,
        transactionIds: execution.receipts.map(({ transactionId }) => transactionId),
      })),
    peers: () => {
      const connected = new Set(network.connected().map(toHex));
      const peers = activePeers(peersOf(tip().view, hospital));
      return peers.map((peer) => ({ hospital: peer.hospital, connected: connected.has(toHex(peer.hospital)) }));
    },
    readiness: parts.readiness,
    view: () => {
      const view = viewOf(chain.view());
      if (!view.ok) throw new StorageError('storage.height-unknown');
      return view.value;
    },
    viewAt: (height) => viewOf(chain.view(height)),
    stateKeys: (prefix, after, limit) => watched(chain.stateKeys(prefix, after, limit)),

    submit: (transactions) => submissions.submit(transactions),
    mempoolSize: () => ({ transactions: replica.pool.size, bytes: replica.pool.bytes }),
    block: (height) => storedBlock(context, height),
    heightOf: (blockHash) => chain.heightOf(blockHash),
    receipt: (transactionId) => foundReceipt(chain, transactionId),
    audit: (subject, fromHeight, limit) => chain.audit(subject, fromHeight, limit),
    subscribe: (listener) => events.subscribe(listener),

    putBlob: (stream, { uploader, bytesMax }) =>
      watched(
        storeUpload(context, stream, {
          uploader,
          bytesMax: Math.min(bytesMax, NODE_LIMITS.ciphertextBytesMax),
          expiresAtHeight: (tip().header.height + parameters().uploadExpiryHeights) as Height,
        }),
      ),
    storeRecord: (request) => watched(custody.storeRecord(request)),
    storeFragments: (request) => watched(custody.storeFragments(request)),
    readShares: (readId) => watched(reads.shares(readId)),
    readEnvelope: (readId) => watched(reads.envelope(readId)),
    readCiphertext: (readId) => watched(reads.ciphertext(readId)),
    storeSearchIndex: (patient, index) => watched(searches.store(patient, index)),
    search: (patient, trapdoor) => watched(searches.search(patient, trapdoor)),
    sessions: parts.sessions,
    guardians: {
      keep: (request) => watched(parts.guardians.keep(request)),
      released: (request) => watched(parts.guardians.released(request)),
    },
    handles: parts.handles,
    metrics: async () => parts.metrics(),
    dutyKey: () => env.primitives.publicKeyOf(context.dutySecret),
  };
}

/** A copy of what was shredded does not come back, and what is shredded while it comes does not stay. */
async function storeUpload(
  { blobs, state }: NodeContext,
  stream: AsyncIterable<Uint8Array>,
  options: BlobPutOptions,
): ReturnType<NodeService['putBlob']> {
  const stored = await blobs.put(stream, options);
  if (!stored.ok || !isShreddedContent(state, cidBytes(stored.value.cid) ?? NO_CID)) return stored;
  await blobs.delete(stored.value.cid);
  return refuse('duty.content-shredded');
}

const NO_CID = new Uint8Array(0);

/** Closing a snapshot waits for nothing that a caller should wait for. */
function viewOf(stored: Result<StoredView>): Result<StateView & { close(): void }> {
  if (!stored.ok) return stored;
  const view = stored.value;
  return ok({
    height: view.height,
    root: view.root,
    tree: view.tree,
    get: (key: string) => view.get(key),
    close: () => {
      view.close().catch(() => {});
    },
  });
}

async function storedBlock({ chain, env }: NodeContext, height: Height): Promise<StoredBlock | undefined> {
  const [block, certificate, receipts] = await Promise.all([
    chain.block(height),
    chain.certificate(height),
    chain.receipts(height),
  ]);
  if (block === undefined || receipts === undefined) return undefined;
  const decoded = decodeBlock(block);
  if (!decoded.ok) throw new StorageError('storage.corrupt', { keySpace: 'block', height });
  const hash = headerHash(env.primitives, decoded.value.header);
  return { height, hash, block, certificate: certificate ?? null, receipts };
}

async function foundReceipt(chain: ChainStore, transactionId: Hash): Promise<FoundReceipt | undefined> {
  const place = chain.locate(transactionId);
  if (place === undefined) return undefined;
  const { height, index } = place;
  const [block, receipts] = await Promise.all([chain.block(height), chain.receipts(height)]);
  const decoded = block === undefined ? undefined : decodeBlock(block);
  const list = receipts === undefined ? undefined : decodeReceipts(receipts);
  const transaction = decoded?.ok ? decoded.value.transactions[index] : undefined;
  const receipt = list?.ok ? list.value[index] : undefined;
  if (transaction === undefined || receipt === undefined)
    throw new StorageError('storage.corrupt', { keySpace: 'receipts', height });
  return { height, index, receipt, transaction };
}

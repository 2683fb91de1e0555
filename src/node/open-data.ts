import { rm } from 'node:fs/promises';
import type { Address, PublicKey } from '../base/brand.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { genesisBlock } from '../ledger/genesis-block.ts';
import { blockLink, durableBlock } from '../protocol/durable-block.ts';
import { initialSigningRecord } from '../protocol/recovery.ts';
import type { BlobFiles } from '../storage/blob-files.ts';
import { ChainStore } from '../storage/chain-store.ts';
import { type DataFolder, initialiseDataFolder, isInitialised, openDataFolder } from '../storage/data-folder.ts';
import { EnvelopeStore } from '../storage/envelope-store.ts';
import { StorageError } from '../storage/errors.ts';
import { GuardianShareStore } from '../storage/guardian-share-store.ts';
import { KvBlobStore } from '../storage/kv-blob-store.ts';
import { SearchIndexStore } from '../storage/search-index-store.ts';
import { SigningStateFile } from '../storage/signing-state-file.ts';
import type { WriteGuard } from '../storage/write-guard.ts';
import type { NodeLogger } from './logger.ts';

/** What a node keeps on its disk, open. */
export interface NodeData {
  readonly chain: ChainStore;
  readonly blobs: KvBlobStore;
  readonly envelopes: EnvelopeStore;
  readonly searchIndexes: SearchIndexStore;
  readonly guardianShares: GuardianShareStore;
  /** Null where it was lost or damaged: then this key never signs again. */
  readonly signing: SigningStateFile | null;
  /** Puts the first record of another key in the place of what is there, or of what was lost. Durable when it resolves. */
  beginSigning(record: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface OpenDataOptions {
  readonly path: string;
  readonly env: LedgerEnv;
  /** Whose votes the signing record holds, by which key. */
  readonly hospital: Address;
  readonly validatorKey: PublicKey;
  readonly logger: NodeLogger;
}

/**
 * Opens the data folder, or makes it. The signing record is written before the genesis block: from the first block on, a missing record is
 * a lost one. A start that was cut short anywhere in here is finished by the next.
 */
export async function openNodeData(options: OpenDataOptions): Promise<NodeData> {
  const { path, env } = options;
  const folder = (await isInitialised(path))
    ? await openDataFolder(path, env.chainId)
    : await initialiseDataFolder(path, env.chainId);
  const opened: { close(): Promise<unknown> }[] = [folder];
  const close = async (): Promise<void> => {
    for (const each of opened.reverse()) await each.close();
  };
  try {
    const chain = await openChain(folder, env);
    opened.push(chain);
    const blobRows = await folder.openBlobs();
    opened.push(blobRows);
    let signing = await openSigning(folder, chain.tip() !== undefined, options);
    opened.push({ close: async () => signing?.close() });
    if (chain.tip() === undefined) await commitGenesis(chain, env);
    return {
      chain,
      close,
      get signing() {
        return signing;
      },
      beginSigning: async (record) => {
        signing ??= await newSigningFile(folder.signingStatePath);
        await signing.write(record);
      },
      ...(await openBlobStores(blobRows, await folder.openBlobFiles(), env)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const openChain = (folder: DataFolder, env: LedgerEnv): Promise<ChainStore> =>
  ChainStore.open({ primitives: env.primitives, open: folder.openChain, readLink: (bytes) => blockLink(env, bytes) });

const openBlobStores = async (kv: WriteGuard, files: BlobFiles, env: LedgerEnv) => ({
  blobs: await KvBlobStore.open(kv, files, { quotaBytes: env.genesis.parameters.uploadQuotaBytes }),
  envelopes: new EnvelopeStore(kv),
  searchIndexes: new SearchIndexStore(kv),
  guardianShares: new GuardianShareStore(kv),
});

async function openSigning(
  folder: DataFolder,
  chainHasBlocks: boolean,
  { env, hospital, validatorKey, logger }: OpenDataOptions,
): Promise<SigningStateFile | null> {
  try {
    const signing = await SigningStateFile.open(folder.signingStatePath, { chainHasBlocks });
    const signer = { chainId: env.chainId, engine: env.genesis.engine, validator: hospital, validatorKey };
    if (!chainHasBlocks && signing.state === null) await signing.write(initialSigningRecord(signer));
    return signing;
  } catch (error) {
    if (!(error instanceof StorageError) || !error.code.startsWith('signing-state.')) throw error;
    logger.error('signing record unusable: this node follows and signs nothing', { code: error.code });
    return null;
  }
}

/** In the place of a file that is missing or damaged. A start that is cut short in here meets an empty file, and begins again. */
async function newSigningFile(path: string): Promise<SigningStateFile> {
  await rm(path, { force: true });
  return SigningStateFile.open(path, { chainHasBlocks: false });
}

async function commitGenesis(chain: ChainStore, env: LedgerEnv): Promise<void> {
  const { bytes, ...executed } = genesisBlock(env);
  await chain.commitBlock(durableBlock(executed, { bytes, certificate: null, signingSequence: 0 }));
}

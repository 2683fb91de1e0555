import type { Height } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { createEnv, parseGenesis } from '../ledger/genesis.ts';
import { headerHash } from '../ledger/header.ts';
import { ChainStore } from '../storage/chain-store.ts';
import { openDataFolder } from '../storage/data-folder.ts';
import { StorageError } from '../storage/errors.ts';
import { writeChainCar } from '../storage/export-car.ts';
import type { ReadBlockLink } from '../storage/verify-tip.ts';
import { CommandError, refusalText } from './output.ts';
import { runningChainOf } from './running-chain.ts';

export interface ChainToExport {
  /** A hospital's data folder, not in use. */
  readonly folder: string;
  readonly genesisText: string;
  readonly file: string;
  /** Blocks whose links are checked before the export; the file itself is what `verify` checks. */
  readonly verifyBlocks?: number;
}

/** A stopped hospital's chain, held by this process until `close`. */
export interface OpenChain {
  readonly env: LedgerEnv;
  readonly store: ChainStore;
  close(): Promise<void>;
}

export async function openChainOf(
  primitives: Primitives,
  folder: string,
  genesisText: string,
  verifyBlocks?: number,
): Promise<OpenChain> {
  const genesis = parseGenesis(primitives, genesisText);
  if (!genesis.ok) throw new CommandError(genesis.rejection.code, refusalText(genesis.rejection));
  const data = await openDataFolder(folder, genesis.value.chainId);
  try {
    const store = await ChainStore.open({
      primitives,
      open: data.openChain,
      readLink: blockLinkReader(primitives),
      ...(verifyBlocks === undefined ? {} : { verifyBlocks }),
    });
    const close = async (): Promise<void> => {
      await store.close();
      await data.close();
    };
    return { env: createEnv(primitives, genesis.value), store, close };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Writes all finalised heights of a hospital, genesis excepted, as a CAR file: from its folder, or from its node while that runs. */
export async function exportChainOf(primitives: Primitives, chain: ChainToExport): Promise<WrittenChain> {
  try {
    return await writeChainOf(primitives, chain);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'storage.locked') throw error;
    const running = await runningChainOf(primitives, chain.folder, chain.genesisText);
    // Whoever holds the folder answers nowhere that its configuration names: all that is known is that it is held.
    if (running === undefined) throw error;
    const { chainId, height, source } = running;
    return {
      heights: height,
      ...(await writeChainCar(chain.file, source, { chainId, from: 1 as Height, to: height })),
    };
  }
}

export interface WrittenChain {
  readonly heights: number;
  readonly bytes: number;
  readonly root: string;
}

/** The same from the folder of a stopped hospital alone. Throws `StorageError`. */
export async function writeChainOf(
  primitives: Primitives,
  { folder, genesisText, file, verifyBlocks }: ChainToExport,
): Promise<WrittenChain> {
  const { env, store, close } = await openChainOf(primitives, folder, genesisText, verifyBlocks);
  try {
    const to = (store.tip()?.height ?? 0) as Height;
    return { heights: to, ...(await writeChainCar(file, store, { chainId: env.chainId, from: 1 as Height, to })) };
  } finally {
    await close();
  }
}

const blockLinkReader =
  (primitives: Primitives): ReadBlockLink =>
  (bytes) => {
    const block = decodeBlock(bytes);
    if (!block.ok) return undefined;
    const { header } = block.value;
    return { hash: headerHash(primitives, header), parentHash: header.parentHash, stateRoot: header.stateRoot };
  };

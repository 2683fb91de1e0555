import type { CID } from 'multiformats/cid';
import { assert } from '../base/assert.ts';
import type { Hash, Height } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import {
  CHAIN_CAR_VERSION,
  cidOf,
  encodeCarHeader,
  encodeList,
  encodeManifest,
  type HeightLinks,
  sectionHead,
} from './car-format.ts';
import { replaceFile } from './durable-file.ts';
import { StorageError } from './errors.ts';
import { STORAGE_LIMITS } from './limits.ts';

/** Where the exported heights come from: `ChainStore` has these methods. */
export interface ChainSource {
  block(height: Height): Promise<Uint8Array | undefined>;
  certificate(height: Height): Promise<Uint8Array | undefined>;
  receipts(height: Height): Promise<Uint8Array | undefined>;
}

/**
 * Writes heights `from` … `to` (genesis, 0, is never in the file) as a CAR, whole or not at all. The root is the
 * first thing in the file and depends on everything, so the chain is read twice: once for its CIDs, once for its
 * bytes. Memory: the links of the lists.
 */
export async function writeChainCar(
  path: string,
  source: ChainSource,
  range: { readonly chainId: Hash; readonly from: Height; readonly to: Height },
): Promise<{ readonly root: string; readonly bytes: number }> {
  if (range.from < 1 || range.to < range.from) throw new StorageError('car.empty', { from: range.from, to: range.to });
  const entries: CID[] = [];
  for (const heights of listsOf(range.from, range.to)) entries.push(cidOf(encodeList(await linksOf(source, heights))));
  const manifest = encodeManifest({ version: CHAIN_CAR_VERSION, ...range, entries });
  assert(manifest.length <= STORAGE_LIMITS.carListBytesMax, 'a manifest fits into one block');

  let bytes = 0;
  await replaceFile(path, async (file) => {
    const append = async (...parts: readonly Uint8Array[]) => {
      const joined = concat(...parts);
      await file.writeFile(joined);
      bytes += joined.length;
    };
    await append(encodeCarHeader(cidOf(manifest)), section(manifest));
    for (const heights of listsOf(range.from, range.to)) {
      await append(section(encodeList(await linksOf(source, heights))));
      for (const height of heights) await append(...(await bodiesOf(source, height)).map(section));
    }
  });
  return { root: cidOf(manifest).toString(), bytes };
}

/** The heights of each list in turn. */
export function* listsOf(from: number, to: number): Generator<readonly Height[]> {
  for (let first = from; first <= to; first += STORAGE_LIMITS.carHeightsPerList) {
    const length = Math.min(STORAGE_LIMITS.carHeightsPerList, to - first + 1);
    yield Array.from({ length }, (_, i) => (first + i) as Height);
  }
}

async function linksOf(source: ChainSource, heights: readonly Height[]): Promise<HeightLinks[]> {
  const links: HeightLinks[] = [];
  for (const height of heights) {
    const [block, certificate, receipts] = await bodiesOf(source, height);
    links.push([cidOf(block), cidOf(certificate), cidOf(receipts)]);
  }
  return links;
}

async function bodiesOf(source: ChainSource, height: Height): Promise<readonly [Uint8Array, Uint8Array, Uint8Array]> {
  const block = await source.block(height);
  const certificate = await source.certificate(height);
  const receipts = await source.receipts(height);
  if (block === undefined || certificate === undefined || receipts === undefined)
    throw new StorageError('storage.height-unknown', { height });
  for (const body of [block, certificate, receipts])
    assert(body.length <= STORAGE_LIMITS.carSectionBytesMax, 'what the chain stores fits into a section');
  return [block, certificate, receipts];
}

const section = (body: Uint8Array): Uint8Array => concat(sectionHead(cidOf(body), body.length), body);

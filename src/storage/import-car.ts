import { open } from 'node:fs/promises';
import type { CID } from 'multiformats/cid';
import type { Height } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { CHAIN_CAR_VERSION, type ChainManifest, decodeList, decodeManifest } from './car-format.ts';
import { type CarCode, type ReadAt, SectionReader } from './car-sections.ts';
import { listsOf } from './export-car.ts';
import { STORAGE_LIMITS } from './limits.ts';

/** One height of an exported chain: bytes that hash to what the manifest says, and nothing more is known of them. */
export interface ChainCarEntry {
  readonly height: Height;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
  readonly receipts: Uint8Array;
}

export interface ChainCar {
  readonly manifest: ChainManifest;
  /**
   * Heights in order. The first refusal is the last item. The file is whole only when the iteration ends without one.
   */
  entries(): AsyncGenerator<Result<ChainCarEntry, CarCode>>;
  close(): Promise<void>;
}

/**
 * Opens an exported chain and reads its manifest. The file is untrusted: refusals are values, a failing disk throws.
 */
export async function readChainCar(path: string): Promise<Result<ChainCar, CarCode>> {
  const file = await open(path, 'r');
  let keep = false;
  try {
    const readAt: ReadAt = async (into, offset) => (await file.read(into, 0, into.length, offset)).bytesRead;
    const car = await readChainCarFrom(readAt, () => file.close());
    keep = car.ok;
    return car;
  } finally {
    if (!keep) await file.close();
  }
}

/** The same from anywhere. */
export async function readChainCarFrom(
  readAt: ReadAt,
  close: () => Promise<void> = async () => {},
): Promise<Result<ChainCar, CarCode>> {
  const reader = new SectionReader(readAt);
  const manifest = await readManifest(reader);
  if (!manifest.ok) return manifest;
  return ok({ manifest: manifest.value, entries: () => readEntries(reader, manifest.value), close });
}

async function readManifest(reader: SectionReader): Promise<Result<ChainManifest, CarCode>> {
  const root = await reader.header();
  if (!root.ok) return root;
  const section = await reader.section(root.value, STORAGE_LIMITS.carListBytesMax);
  if (!section.ok) return section;
  const manifest = decodeManifest(section.value);
  if (manifest === undefined) return refuse('car.malformed', { part: 'manifest' });
  if (manifest.version !== CHAIN_CAR_VERSION) return refuse('car.version-unknown', { version: manifest.version });
  const heights = manifest.to - manifest.from + 1;
  if (manifest.entries.length !== Math.ceil(heights / STORAGE_LIMITS.carHeightsPerList))
    return refuse('car.malformed', { part: 'manifest' });
  return ok(manifest);
}

async function* readEntries(
  reader: SectionReader,
  manifest: ChainManifest,
): AsyncGenerator<Result<ChainCarEntry, CarCode>> {
  let next = 0;
  for (const heights of listsOf(manifest.from, manifest.to)) {
    const section = await reader.section(bytesOf(manifest.entries[next++]), STORAGE_LIMITS.carListBytesMax);
    if (!section.ok) return yield section;
    const list = decodeList(section.value, heights.length);
    if (list === undefined) return yield refuse('car.malformed', { part: 'list', height: heights[0] as number });
    for (const [i, links] of list.entries()) {
      const entry = await readEntry(reader, heights[i] as Height, links);
      yield entry;
      if (!entry.ok) return;
    }
  }
  if (!(await reader.atEnd())) yield refuse('car.trailing-bytes');
}

/** What an entry's links name, in order. */
const PARTS = ['block', 'certificate', 'receipts'] as const;

async function readEntry(
  reader: SectionReader,
  height: Height,
  links: readonly CID[],
): Promise<Result<ChainCarEntry, CarCode>> {
  const bodies: Uint8Array[] = [];
  for (const [i, link] of links.entries()) {
    const section = await reader.section(link.bytes, STORAGE_LIMITS.carSectionBytesMax);
    if (!section.ok)
      return refuse(section.rejection.code, { ...section.rejection.detail, height, part: PARTS[i] ?? 'list' });
    bodies.push(section.value);
  }
  const [block, certificate, receipts] = bodies as [Uint8Array, Uint8Array, Uint8Array];
  return ok({ height, block, certificate, receipts });
}

const bytesOf = (cid: CID | undefined): Uint8Array => cid?.bytes ?? new Uint8Array(0);

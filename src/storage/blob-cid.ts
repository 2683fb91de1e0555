import { type ImporterOptions, importFile } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { CID } from 'multiformats/cid';
import { create as createDigest } from 'multiformats/hashes/digest';
import { sha256 } from './checksum.ts';

/** Bytes of one leaf of a blob. */
export const BLOB_CHUNK_BYTES = 262_144;

export const RAW_CODEC = 0x55;
export const DAG_PB_CODEC = 0x70;
const SHA2_256 = 0x12;
/** version ‖ codec ‖ hash function ‖ length ‖ digest: 36 bytes for every CID this folder knows. */
export const CID_BYTES = 36;

/**
 * UnixFS as PRIVACY.md pins it; the library's own defaults may move. Equal to `ipfs add --cid-version=1` of Kubo.
 */
export const pinnedUnixFs = (chunksInFlight: number): ImporterOptions => ({
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  chunker: fixedSize({ chunkSize: BLOB_CHUNK_BYTES }),
  layout: balanced({ maxChildrenPerNode: 174 }),
  blockWriteConcurrency: chunksInFlight,
});

/** Where the importer puts blocks. */
export type PutBlock = (cid: CID, bytes: Uint8Array) => Promise<void>;

/** Cuts content into blocks as it comes, hands each to `putBlock`, and answers the root. */
export async function importBlob(
  content: AsyncIterable<Uint8Array>,
  chunksInFlight: number,
  putBlock: PutBlock,
): Promise<CID> {
  const blockstore = {
    put: async (cid: CID, bytes: unknown) => {
      await putBlock(cid, bytes as Uint8Array);
      return cid;
    },
  };
  return (await importFile({ content }, blockstore as Parameters<typeof importFile>[1], pinnedUnixFs(chunksInFlight)))
    .cid;
}

/** The CID of a leaf: its bytes as they are. */
export const leafCid = (bytes: Uint8Array): CID => CID.createV1(RAW_CODEC, createDigest(SHA2_256, sha256(bytes)));

/** The CID of content, without storing it. */
export async function blobCidOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  return (await importBlob(content, 1, async () => {})).toString();
}

/** `undefined` for what is not the canonical text of a CID that `importBlob` can make. */
export function parseBlobCid(text: string): CID | undefined {
  if (text.length > 64) return undefined;
  try {
    const cid = CID.parse(text);
    const known = cid.version === 1 && (cid.code === RAW_CODEC || cid.code === DAG_PB_CODEC);
    const hashed = cid.multihash.code === SHA2_256 && cid.bytes.length === CID_BYTES;
    return known && hashed && cid.toString() === text ? cid : undefined;
  } catch {
    return undefined;
  }
}

import { importFile } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { CID } from 'multiformats/cid';

const CHUNK_BYTES = 262_144;
const LINKS_MAX = 174;
/** version ‖ codec ‖ hash function ‖ length ‖ digest */
const CID_BYTES = 36;
/** It only hashes: blocks are dropped once they have their id. */
const NOWHERE = { put: async (cid: CID) => cid } as unknown as Parameters<typeof importFile>[1];

/**
 * The content id of a ciphertext, in binary: UnixFS CIDv1 as PRIVACY.md pins it ("A record", 2), the same as
 * `ipfs add --cid-version=1`. The device computes it itself: a hospital's word for it would let the hospital choose what an author signs.
 */
export async function contentIdOf(ciphertext: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const { cid } = await importFile({ content: ciphertext }, NOWHERE, {
    cidVersion: 1,
    rawLeaves: true,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
    layout: balanced({ maxChildrenPerNode: LINKS_MAX }),
  });
  return cid.bytes;
}

/** The text form, as it stands in addresses of the API. */
export const contentIdText = (cid: Uint8Array): string => CID.decode(cid).toString();

/** `undefined` for what is no text of such an id. */
export function parseContentId(text: string): Uint8Array | undefined {
  try {
    const { bytes } = CID.parse(text);
    return bytes.length === CID_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}

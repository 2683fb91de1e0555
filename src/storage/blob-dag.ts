import { decode as decodeDagPb } from '@ipld/dag-pb';
import type { CID } from 'multiformats/cid';
import { equal } from '../base/bytes.ts';
import { CID_BYTES, DAG_PB_CODEC, RAW_CODEC } from './blob-cid.ts';
import { sha256 } from './checksum.ts';
import { StorageError } from './errors.ts';

/**
 * The content under a root, leaf by leaf in order. Every block is hashed before a byte of it leaves, so a reader that
 * stops at the first error has received a true prefix. Memory: one block, and the links not yet followed.
 */
export async function* readDag(
  root: CID,
  readBlock: (cid: CID) => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array> {
  const pending = [root];
  for (let cid = pending.pop(); cid !== undefined; cid = pending.pop()) {
    const bytes = await readBlock(cid);
    if (bytes === undefined) throw new StorageError('blob.not-found', { block: cid.toString() });
    if (!equal(sha256(bytes), cid.multihash.digest)) throw new StorageError('blob.corrupt', { block: cid.toString() });
    if (cid.code === RAW_CODEC) yield bytes;
    else pending.push(...linksOf(cid, bytes).reverse());
  }
}

function linksOf(cid: CID, bytes: Uint8Array): CID[] {
  if (cid.code !== DAG_PB_CODEC || cid.bytes.length !== CID_BYTES)
    throw new StorageError('blob.corrupt', { block: cid.toString() });
  try {
    return decodeDagPb(bytes).Links.map((link) => link.Hash);
  } catch (error) {
    throw new StorageError('blob.corrupt', { block: cid.toString() }, error);
  }
}

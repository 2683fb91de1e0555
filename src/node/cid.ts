import { CID } from 'multiformats/cid';
import { parseBlobCid } from '../storage/blob-cid.ts';

/** The text of a content id that the chain holds in binary. What is no CID has a text that no store knows. */
export function cidText(bytes: Uint8Array): string {
  try {
    return CID.decode(bytes).toString();
  } catch {
    return '';
  }
}

/** The chain's 36 bytes of a content id; undefined for a text that is not the canonical one. */
export const cidBytes = (text: string): Uint8Array | undefined => parseBlobCid(text)?.bytes;

import type { Height } from '../base/brand.ts';
import type { Result } from '../base/result.ts';

export interface BlobPutOptions {
  /** Whose quota the bytes count against until a record names the blob. */
  readonly uploader: string;
  readonly bytesMax: number;
  /** Another quota than the store's, for an uploader that stands for many. */
  readonly quotaBytes?: number;
  /** The height at whose `expire` the blob goes, unless it was registered before. */
  readonly expiresAtHeight: Height;
  /** Refuse content with another CID, as when a peer sends it. */
  readonly expectedCid?: string;
}

export interface BlobInfo {
  readonly cid: string;
  /** Bytes of content. */
  readonly bytes: number;
  /** `null` once registered. */
  readonly expiresAtHeight: Height | null;
}

export type BlobRefusal = 'blob.too-large' | 'blob.quota' | 'blob.busy' | 'blob.cid-invalid' | 'blob.cid-mismatch';

/**
 * The blob seam: ciphertexts by content id (IPFS CIDv1, UnixFS as pinned in PRIVACY.md). Implementations: LevelDB and
 * memory, through `KeyValueStore`; an S3-compatible one later.
 */
export interface BlobStore {
  /**
   * Streams content in with bounded memory. A refused or broken upload leaves nothing behind. An error of the stream
   * is thrown on.
   */
  put(
    content: AsyncIterable<Uint8Array>,
    options: BlobPutOptions,
  ): Promise<Result<{ readonly cid: string; readonly bytes: number }, BlobRefusal>>;
  /**
   * Streams content out, each block verified before it leaves. Throws 'blob.not-found', 'blob.corrupt',
   * 'blob.cid-invalid'.
   */
  get(cid: string): AsyncIterable<Uint8Array>;
  info(cid: string): Promise<BlobInfo | undefined>;
  has(cid: string): Promise<boolean>;
  /**
   * A record names the blob: it expires no more and its uploader's quota is free again. False where it is not stored.
   */
  markRegistered(cid: string): Promise<boolean>;
  /** Erases the blob, but for blocks that another blob shares, and what an earlier call left when it was cut short. False where it was not stored. */
  delete(cid: string): Promise<boolean>;
  /** Deletes unregistered blobs whose height has come, a bounded number a call; answers them. */
  expire(height: Height): Promise<readonly string[]>;
}

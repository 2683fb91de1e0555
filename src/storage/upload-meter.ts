import type { Height } from '../base/brand.ts';
import type { BlobPutOptions, BlobRefusal } from './blob-store.ts';
import { STORAGE_LIMITS } from './limits.ts';

/** One running upload. */
export interface Upload {
  readonly uploader: string;
  readonly bytesMax: number;
  /** Unregistered bytes that its uploader may have. */
  readonly quotaBytes: number;
  readonly expiresAtHeight: Height;
  /** What the uploader had stored, unregistered, when the upload began. */
  readonly storedBytes: number;
  /** Received so far. */
  bytes: number;
}

/** Ends an upload from inside its stream; `put` turns it into a refusal. */
export class UploadRefused extends Error {
  readonly code: BlobRefusal;

  constructor(code: BlobRefusal) {
    super(code);
    this.code = code;
  }
}

/** Counts the bytes of running uploads, and stops one at the piece that passes its limit or its uploader's quota. */
export class UploadMeter {
  readonly #quotaBytes: number;
  readonly #running = new Set<Upload>();

  constructor(quotaBytes: number) {
    this.#quotaBytes = quotaBytes;
  }

  /** `undefined` where too many uploads run. */
  begin(options: BlobPutOptions, storedBytes: number): Upload | undefined {
    if (this.#running.size >= STORAGE_LIMITS.blobUploadsMax) return undefined;
    const { uploader, expiresAtHeight } = options;
    const bytesMax = Math.min(options.bytesMax, STORAGE_LIMITS.blobBytesMax);
    const quotaBytes = options.quotaBytes ?? this.#quotaBytes;
    const upload = { uploader, bytesMax, quotaBytes, expiresAtHeight, storedBytes, bytes: 0 };
    this.#running.add(upload);
    return upload;
  }

  isRunning(upload: Upload): boolean {
    return this.#running.has(upload);
  }

  end(upload: Upload): void {
    this.#running.delete(upload);
  }

  async *measure(content: AsyncIterable<Uint8Array>, upload: Upload): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      upload.bytes += piece.length;
      if (upload.bytes > upload.bytesMax) throw new UploadRefused('blob.too-large');
      if (this.#chargedTo(upload) > upload.quotaBytes) throw new UploadRefused('blob.quota');
      // The producer may use its buffer again while the importer still holds the piece.
      if (piece.length > 0) yield piece.slice();
    }
  }

  #chargedTo({ uploader, storedBytes }: Upload): number {
    let bytes = storedBytes;
    for (const upload of this.#running) if (upload.uploader === uploader) bytes += upload.bytes;
    return bytes;
  }
}

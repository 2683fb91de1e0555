import { assert } from '../base/assert.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { NetworkCode } from './codes.ts';

/** u32be length ‖ body. A body is never empty. */
export const HEADER_BYTES = 4;
/** A decoder's first allocation: a header alone must not make the receiver reserve the limit. */
const FIRST_BUFFER_BYTES = 4_096;

/** The frame of a body, in new bytes: the caller may reuse its own. */
export function frame(body: Uint8Array): Uint8Array {
  assert(body.length > 0, 'a frame has a body');
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

export const bodyOf = (framed: Uint8Array): Uint8Array => framed.subarray(HEADER_BYTES);

/**
 * Cuts a byte stream into the bodies of its frames. It holds at most twice what the peer sent of one body, however small the
 * pieces. After a refusal the stream has no next frame: close it.
 */
export class FrameDecoder {
  readonly #bodyBytesMax: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #body = new Uint8Array(0);
  #bodyBytes = 0;
  #lengthBytes = 0;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** The bodies that this piece completes, in order, each in bytes of its own. */
  push(piece: Uint8Array): Result<readonly Uint8Array[], NetworkCode> {
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (at < piece.length) {
      if (this.#headerBytes < HEADER_BYTES) {
        this.#header[this.#headerBytes++] = piece[at++] as number;
        if (this.#headerBytes < HEADER_BYTES) continue;
        this.#lengthBytes = new DataView(this.#header.buffer).getUint32(0);
        if (this.#lengthBytes === 0) return refuse('network-frame.empty');
        if (this.#lengthBytes > this.#bodyBytesMax)
          return refuse('network-frame.too-large', { bytes: this.#lengthBytes, bytesMax: this.#bodyBytesMax });
        continue;
      }
      const taken = piece.subarray(at, at + this.#lengthBytes - this.#bodyBytes);
      at += taken.length;
      this.#append(taken);
      if (this.#bodyBytes === this.#lengthBytes) bodies.push(this.#takeBody());
    }
    return ok(bodies);
  }

  #append(bytes: Uint8Array): void {
    const neededBytes = this.#bodyBytes + bytes.length;
    if (neededBytes > this.#body.length) {
      const doubled = Math.max(neededBytes, 2 * this.#body.length, FIRST_BUFFER_BYTES);
      const grown = new Uint8Array(Math.min(this.#lengthBytes, doubled));
      grown.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = grown;
    }
    this.#body.set(bytes, this.#bodyBytes);
    this.#bodyBytes = neededBytes;
  }

  #takeBody(): Uint8Array {
    const body = this.#body;
    this.#body = new Uint8Array(0);
    this.#headerBytes = 0;
    this.#bodyBytes = 0;
    return body;
  }
}

import { equal } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { CAR_CID_BYTES, CAR_HEADER_BYTES, cidOf, decodeCarHeader, encodeVarint } from './car-format.ts';
import type { StorageCode } from './codes.ts';

export type CarCode = Extract<StorageCode, `car.${string}`>;

/**
 * Fills the front of `into` from `offset` on and answers how many bytes: 0 only at the end. A file, or bytes in
 * memory.
 */
export type ReadAt = (into: Uint8Array, offset: number) => Promise<number>;

/** Seven bits a byte: room for sections of 256 MiB, far above any limit of ours. */
const VARINT_BYTES_MAX = 4;
const READ_AHEAD_BYTES = 65_536;

/** Reads, from start to end, sections that the caller can name beforehand; anything else is refused. */
export class SectionReader {
  readonly #readAt: ReadAt;
  #ahead: Uint8Array = new Uint8Array(0);
  /** Where `#ahead` begins in the file. */
  #offset = 0;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  /** The root's CID. */
  async header(): Promise<Result<Uint8Array, CarCode>> {
    const bytes = await this.#read(CAR_HEADER_BYTES);
    if (bytes === undefined) return refuse('car.truncated', { offset: 0 });
    const root = decodeCarHeader(bytes);
    return root === undefined ? refuse('car.malformed', { offset: 0 }) : ok(root);
  }

  /** The bytes of the section that must come next. */
  async section(cid: Uint8Array, bytesMax: number): Promise<Result<Uint8Array, CarCode>> {
    const offset = this.#offset;
    const length = await this.#varint();
    if (!length.ok) return length;
    if (length.value < CAR_CID_BYTES) return refuse('car.malformed', { offset });
    if (length.value > CAR_CID_BYTES + bytesMax) return refuse('car.too-large', { offset, bytesMax });
    const bytes = await this.#read(length.value);
    if (bytes === undefined) return refuse('car.truncated', { offset });
    const body = bytes.subarray(CAR_CID_BYTES);
    const holds = equal(bytes.subarray(0, CAR_CID_BYTES), cid) && equal(cidOf(body).bytes, cid);
    return holds ? ok(body) : refuse('car.damaged', { offset });
  }

  async atEnd(): Promise<boolean> {
    return (await this.#read(1)) === undefined;
  }

  async #varint(): Promise<Result<number, CarCode>> {
    const offset = this.#offset;
    let value = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = (await this.#read(1))?.[0];
      if (byte === undefined) return refuse('car.truncated', { offset });
      value += (byte & 0x7f) * 0x80 ** i;
      // Only the shortest form: else one chain could be two files.
      if (byte < 0x80) return encodeVarint(value).length === i + 1 ? ok(value) : refuse('car.malformed', { offset });
    }
    return refuse('car.too-large', { offset });
  }

  /** Exactly `length` bytes, or `undefined` where the file ends first. */
  async #read(length: number): Promise<Uint8Array | undefined> {
    if (this.#ahead.length < length) await this.#fill(Math.max(length, READ_AHEAD_BYTES));
    if (this.#ahead.length < length) return undefined;
    const bytes = this.#ahead.slice(0, length);
    this.#ahead = this.#ahead.subarray(length);
    this.#offset += length;
    return bytes;
  }

  /** Holds `wanted` bytes ahead, or all there are. */
  async #fill(wanted: number): Promise<void> {
    const bytes = new Uint8Array(wanted);
    bytes.set(this.#ahead);
    let filled = this.#ahead.length;
    while (filled < wanted) {
      const bytesRead = await this.#readAt(bytes.subarray(filled), this.#offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#ahead = bytes.subarray(0, filled);
  }
}

/**
 * Memory for bytes that somebody else copies at once: written again and again, so that nothing is allocated. It lies outside V8's heap, where
 * LevelDB's binding and OpenSSL read; a short array of V8's own would first get memory out there, which costs more than a copy.
 */
export class Room {
  readonly #views: readonly Uint8Array[];

  constructor(bytesMax: number) {
    const bytes = new Uint8Array(bytesMax);
    this.#views = Array.from({ length: bytesMax + 1 }, (_, length) => bytes.subarray(0, length));
  }

  /** The first `length` bytes, good until they are written again; `undefined` where there is no room for them. */
  view(length: number): Uint8Array | undefined {
    return this.#views[length];
  }
}

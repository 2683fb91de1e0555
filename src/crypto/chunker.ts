import { assert } from '../base/assert.ts';

/** Cuts a stream of bytes into chunks of one size, holding at most one chunk in memory. */
export interface Chunker {
  /** Calls `onChunk` for each chunk that fills up. The chunk is reused, or part of `bytes`: it holds only until the call returns. */
  push(bytes: Uint8Array, onChunk: (chunk: Uint8Array) => void): void;
  /** What has not filled a chunk: fewer bytes than its size. */
  rest(): Uint8Array;
}

export function createChunker(chunkBytes: number): Chunker {
  assert(chunkBytes > 0, 'a chunk holds something');
  const chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  return {
    push(bytes, onChunk) {
      for (let at = 0; at < bytes.length; ) {
        // A chunk that came whole need not be copied.
        if (filled === 0 && bytes.length - at >= chunkBytes) {
          onChunk(bytes.subarray(at, at + chunkBytes));
          at += chunkBytes;
          continue;
        }
        const taken = Math.min(chunkBytes - filled, bytes.length - at);
        chunk.set(bytes.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < chunkBytes) return;
        filled = 0;
        onChunk(chunk);
      }
    },
    rest: () => chunk.subarray(0, filled),
  };
}

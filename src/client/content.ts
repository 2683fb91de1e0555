/**
 * Plaintext or ciphertext of a known length, held nowhere in memory as a whole. It is read more than once, so each opening
 * begins anew and gives the same bytes.
 */
export interface Content {
  readonly bytes: number;
  /** The content in pieces, each good until the next is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/** Of a browser's `File`, or anything that is a `Blob`: `fs.openAsBlob` in Node makes one of a path. */
export const contentOfBlob = (blob: Blob): Content => ({
  bytes: blob.size,
  open: () => piecesOf(blob.stream() as ReadableStream<Uint8Array>),
});

/** Not every browser lets `for await` read a stream. Leaving the loop early cancels it. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
  }
}

/** A stream that asks for a piece only once there is room for it. Cancelling it leaves the loop. */
export function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Joins small pieces and cuts large ones: each but the last has `pieceBytes`, in memory that the next one does not reuse. */
export async function* inPiecesOf(
  pieceBytes: number,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let joined = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + pieceBytes - filled);
      joined.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < pieceBytes) continue;
      yield joined;
      joined = new Uint8Array(pieceBytes);
      filled = 0;
    }
  if (filled > 0) yield joined.subarray(0, filled);
}

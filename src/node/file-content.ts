import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import type { Content } from '../client/content.ts';
import { streamed } from '../storage/stream-garbage.ts';

const PIECE_BYTES = 262_144;

/** A file's content, as long as it is now. */
export async function contentOfFile(path: string): Promise<Content> {
  const { size } = await stat(path);
  return { bytes: size, open: () => piecesOfFile(path) };
}

async function* piecesOfFile(path: string): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Uint8Array>) {
    yield piece;
    streamed(piece.length);
  }
}

/**
 * A sink that makes `path` once it is closed, and not before: bytes go to a file beside it, whose name they lose when the sink is
 * aborted. Who finds `path` finds all of it.
 */
export function sinkToFile(path: string): WritableStream<Uint8Array> {
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`;
  let file: FileHandle;
  return new WritableStream<Uint8Array>({
    async start() {
      file = await open(partial, 'wx', 0o600);
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
      streamed(bytes.length);
    },
    async close() {
      await file.sync();
      await file.close();
      await rename(partial, path);
    },
    async abort() {
      await file.close();
      await rm(partial, { force: true });
    },
  });
}

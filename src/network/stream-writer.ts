import type { Stream } from '@libp2p/interface';
import { NetworkError } from './errors.ts';

const PROGRESS_EVENTS = ['drain', 'idle', 'close'] as const;

/**
 * Hands bytes to a stream and waits until the stream passed them all on, so that what a slow peer makes wait stays in our own bounded
 * queue. Throws when the stream is or becomes closed. (The library's `onDrain` resolves for ever after its first drain.)
 */
export async function write(stream: Stream, bytes: Uint8Array): Promise<void> {
  requireOpen(stream);
  stream.send(bytes);
  while (stream.writableNeedsDrain || stream.writeBufferLength > 0) {
    await progress(stream);
    requireOpen(stream);
  }
}

function requireOpen(stream: Stream): void {
  if (stream.status !== 'open' || stream.writeStatus !== 'writable') throw new NetworkError('network-stream.broken');
}

const progress = (stream: Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const name of PROGRESS_EVENTS) stream.removeEventListener(name, done);
      resolve();
    };
    for (const name of PROGRESS_EVENTS) stream.addEventListener(name, done);
  });

import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import { NetworkError } from './errors.ts';
import { FrameDecoder } from './framing.ts';
import { NETWORK_LIMITS } from './limits.ts';
import { Wake } from './wake.ts';

/**
 * The frames of a stream, one at a time. While whole frames wait unread the stream is paused, and the peer's window runs out: the
 * library's own iterator would buffer without bound, and can miss an end that came before it was made.
 */
export class FrameReader {
  readonly #stream: Stream;
  readonly #decoder: FrameDecoder;
  readonly #frames: Uint8Array[] = [];
  readonly #wake = new Wake();
  #waitingBytes = 0;
  #failure: NetworkError | undefined;

  constructor(stream: Stream, frameBytesMax: number) {
    this.#stream = stream;
    this.#decoder = new FrameDecoder(frameBytesMax);
    stream.addEventListener('message', this.#receive);
    for (const name of ['end', 'close'] as const) stream.addEventListener(name, () => this.#wake.notify());
  }

  /** The next frame, or undefined after the last. Throws what broke the framing, or the reason of an aborted signal. */
  async next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    const onAbort = (): void => this.#wake.notify();
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        signal.throwIfAborted();
        const frame = this.#frames.shift();
        if (frame !== undefined) {
          this.#waitingBytes -= frame.length;
          this.#resume();
          return frame;
        }
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#stream.readableEnded || this.#stream.status !== 'open') return undefined;
        await this.#wake.wait();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  readonly #receive = (event: StreamMessageEvent): void => {
    if (this.#failure !== undefined) return;
    const bodies = this.#decoder.push(event.data.subarray());
    if (!bodies.ok) {
      this.#failure = new NetworkError(bodies.rejection.code);
    } else {
      for (const body of bodies.value) {
        this.#frames.push(body);
        this.#waitingBytes += body.length;
      }
    }
    this.#wake.notify();
    // Not at once: this may run inside `resume`, which afterwards would open the window of a stream paused here.
    queueMicrotask(this.#pause);
  };

  readonly #pause = (): void => {
    if (this.#waitingBytes > NETWORK_LIMITS.readAheadBytesMax && this.#stream.readStatus === 'readable')
      this.#stream.pause();
  };

  #resume(): void {
    if (this.#waitingBytes <= NETWORK_LIMITS.readAheadBytesMax && this.#stream.readStatus === 'paused')
      this.#stream.resume();
  }
}

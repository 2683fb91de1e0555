import { setTimeout as pause } from 'node:timers/promises';
import type { Stream } from '@libp2p/interface';
import { BackOff } from './back-off.ts';
import { NetworkError } from './errors.ts';
import { BACK_OFF, type ChannelLimits, NETWORK_LIMITS } from './limits.ts';
import { Outbox } from './outbox.ts';
import { write } from './stream-writer.ts';
import { Wake } from './wake.ts';

export interface KeptStreamEvents {
  /** Opens and negotiates a stream on a live connection. Rejects while there is none, or while the peer does not speak the protocol. */
  open(signal: AbortSignal): Promise<Stream>;
  opened(): void;
  openFailed(error: unknown): void;
  /** The frames of one write, once the stream passed them on. */
  sent(frames: readonly Uint8Array[]): void;
}

/**
 * The one outbound stream to a peer for one channel. It stays open, because a request on a kept stream costs a tenth of one on a new
 * stream; when it breaks while the connection lives it is opened again with back-off. Order is kept; what a broken stream had
 * taken may be lost, as the consensus and sync rules allow.
 */
export class KeptStream {
  readonly #events: KeptStreamEvents;
  readonly #outbox: Outbox;
  readonly #wake = new Wake();
  readonly #backOff = new BackOff(BACK_OFF.reopen);
  #running: AbortController | undefined;

  constructor(limits: ChannelLimits, events: KeptStreamEvents) {
    this.#outbox = new Outbox(limits);
    this.#events = events;
  }

  /** Queues a frame and returns how many older ones it pushed out. Frames wait while there is no connection. */
  enqueue(framed: Uint8Array): number {
    const dropped = this.#outbox.push(framed);
    this.#wake.notify();
    return dropped;
  }

  /** A connection exists: open the stream and keep it. */
  up(): void {
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    this.#backOff.reset();
    void this.#keep(this.#running.signal);
  }

  /** The last connection is gone, or the peer was removed. */
  down(): void {
    this.#running?.abort(new NetworkError('network-stream.broken'));
    this.#running = undefined;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const openedAtMs = performance.now();
      try {
        const stream = await this.#events.open(signal);
        await this.#drive(stream, signal);
      } catch (error) {
        if (!signal.aborted) this.#events.openFailed(error);
      }
      if (performance.now() - openedAtMs > BACK_OFF.stableAfterMs) this.#backOff.reset();
      await pause(this.#backOff.nextMs(), undefined, { signal }).catch(() => {});
    }
  }

  /** Sends what is queued until the stream breaks or the signal aborts. */
  async #drive(stream: Stream, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => stream.abort(new NetworkError('network-stream.broken'));
    const onEnd = (): void => this.#wake.notify();
    signal.addEventListener('abort', onAbort);
    // The receiver never writes here, so the end of its side means that it lets the stream go.
    for (const name of ['close', 'remoteCloseWrite'] as const) stream.addEventListener(name, onEnd);
    try {
      if (signal.aborted) return;
      this.#events.opened();
      while (stream.status === 'open' && stream.remoteWriteStatus !== 'closed') {
        const batch = this.#outbox.take(NETWORK_LIMITS.writeBatchBytesMax);
        if (batch === undefined) {
          await this.#wake.wait();
          continue;
        }
        await write(stream, batch.bytes);
        this.#events.sent(batch.frames);
      }
    } catch {
      // The stream broke under a write. The loop above opens another.
    } finally {
      signal.removeEventListener('abort', onAbort);
      stream.abort(new NetworkError('network-stream.broken'));
    }
  }
}

import type { NodeEvent } from '../api/service.ts';
import { codeOfError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeLogger } from './logger.ts';

/** What a subscriber does with an event. Where it answers a promise, the next event waits for it. */
export type EventListener = (event: NodeEvent | undefined) => unknown;

/** Finalised blocks on their way to subscribers: each has a bounded queue of its own, so that a slow one delays nobody. */
export class EventHub {
  readonly #logger: NodeLogger;
  readonly #subscribers = new Set<Subscriber>();
  #closed = false;

  constructor(logger: NodeLogger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Answers the way to end it. One subscriber too many is dropped at once, as a slow one is. After `close` nobody hears anything. */
  subscribe(listener: EventListener): () => void {
    // Who is told of the end may subscribe again there and then: that must come to an end too.
    if (this.#closed) return () => {};
    const subscriber = new Subscriber(listener, (error) => this.#drop(subscriber, error));
    this.#subscribers.add(subscriber);
    if (this.#subscribers.size > NODE_LIMITS.subscribersMax) this.#drop(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
      subscriber.end();
    };
  }

  publish(event: NodeEvent): void {
    for (const subscriber of this.#subscribers) if (!subscriber.push(event)) this.#drop(subscriber);
  }

  /** The node stops: every subscriber is told. */
  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) this.#drop(subscriber);
  }

  #drop(subscriber: Subscriber, error?: unknown): void {
    if (!this.#subscribers.delete(subscriber)) return;
    subscriber.drop();
    this.#logger.debug('subscriber dropped', { code: error === undefined ? 'slow' : codeOfError(error) });
  }
}

class Subscriber {
  readonly #listener: EventListener;
  readonly #failed: (error: unknown) => void;
  readonly #queue: NodeEvent[] = [];
  #delivering = false;
  #ended = false;

  constructor(listener: EventListener, failed: (error: unknown) => void) {
    this.#listener = listener;
    this.#failed = failed;
  }

  /** False where the queue is full. */
  push(event: NodeEvent): boolean {
    if (this.#queue.length >= NODE_LIMITS.subscriberEventsMax) return false;
    this.#queue.push(event);
    if (!this.#delivering) void this.#deliver();
    return true;
  }

  end(): void {
    this.#ended = true;
    this.#queue.length = 0;
  }

  drop(): void {
    if (this.#ended) return;
    this.end();
    try {
      Promise.resolve(this.#listener(undefined)).catch(() => {});
    } catch {
      // A listener that fails while it is told the end has heard it.
    }
  }

  async #deliver(): Promise<void> {
    this.#delivering = true;
    try {
      // Never in the same turn: a listener must not run inside a commit.
      await Promise.resolve();
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift())
        await this.#listener(event);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#delivering = false;
    }
  }
}

import { Readable } from 'node:stream';
import { assert } from '../base/assert.ts';
import type { Address, Height } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { decodeBlock } from '../ledger/block.ts';
import { decodeReceipts } from '../ledger/receipt.ts';
import { toJson } from './answers.ts';
import { follow } from './follow.ts';
import type { ApiLimits } from './limits.ts';
import type { NodeEvent, NodeService } from './service.ts';
import { Slots } from './slots.ts';

/** Who listens: the events addressed to `id` are told while `mayHear` holds. Null: an unknown listener, who hears of heights. */
export interface Listener {
  readonly id: Address;
  mayHear(): boolean;
}

interface OpenRequest {
  readonly remoteAddress: string;
  /** The last height that the client has heard of. */
  readonly after: number | null;
  readonly listener: Listener | null;
}

type Told = Pick<NodeEvent, 'height' | 'blockHash' | 'timestampMs' | 'events'>;

/**
 * Tells listeners of finalised blocks. One subscription to the node feeds all; each listener asks for the next height when its
 * socket has room, so a slow one holds no memory: it falls behind, and past `replayBlocksMax` it is told of the gap.
 */
export class EventHub {
  readonly #service: NodeService;
  readonly #slots: Slots;
  readonly limits: ApiLimits;
  readonly #open = new Set<EventStream>();
  readonly #recent = new Map<number, Told>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(service: NodeService, limits: ApiLimits) {
    this.#service = service;
    this.limits = limits;
    this.#slots = new Slots(limits.listenersMax, limits.listenersPerAddressMax);
    this.#unsubscribe = follow(service, (event) => {
      // A lost event loses nothing: heights are read from the store where not remembered.
      if (event !== null) this.#remember(event);
      for (const stream of this.#open) stream.wake();
    });
    this.#heartbeat = setInterval(() => {
      for (const stream of this.#open) stream.beat();
    }, limits.heartbeatMs);
    this.#heartbeat.unref();
  }

  get listeners(): number {
    return this.#open.size;
  }

  /** A stream of server-sent events, or `undefined` where as many are open as may be. */
  open({ remoteAddress, after, listener }: OpenRequest): Readable | undefined {
    const release = this.#closed ? undefined : this.#slots.take(remoteAddress);
    if (release === undefined) return undefined;
    const stream = new EventStream(this, listener, after ?? this.latest - 1);
    this.#open.add(stream);
    stream.once('close', () => {
      this.#open.delete(stream);
      release();
    });
    return stream;
  }

  get latest(): number {
    return this.#service.tip().header.height;
  }

  async told(height: number): Promise<Told | undefined> {
    return this.#recent.get(height) ?? readBlock(this.#service, height);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
    for (const stream of this.#open) stream.destroy();
  }

  #remember(event: NodeEvent): void {
    this.#recent.set(event.height, event);
    for (const height of this.#recent.keys()) {
      if (this.#recent.size <= this.limits.recentBlocksMax) return;
      this.#recent.delete(height);
    }
  }
}

class EventStream extends Readable {
  readonly #hub: EventHub;
  readonly #listener: Listener | null;
  /** The last height told. */
  #height: number;
  #hasRoom = false;
  #telling = false;

  constructor(hub: EventHub, listener: Listener | null, height: number) {
    super();
    this.#hub = hub;
    this.#listener = listener;
    this.#height = height;
    this.push('retry: 2000\n\n');
  }

  override _read(): void {
    this.#hasRoom = true;
    this.wake();
  }

  beat(): void {
    if (this.#hasRoom) this.#hasRoom = this.push(': still here\n\n');
  }

  /** Tells heights while there are any and the socket takes them. One run at a time. */
  wake(): void {
    if (this.#telling) return;
    this.#telling = true;
    this.#tell()
      .catch((error: unknown) => this.destroy(error instanceof Error ? error : new Error('event stream')))
      .finally(() => {
        this.#telling = false;
        if (!this.destroyed && this.#hasRoom && this.#height < this.#hub.latest) this.wake();
      });
  }

  async #tell(): Promise<void> {
    while (this.#hasRoom && !this.destroyed && this.#height < this.#hub.latest) {
      this.#skipGap();
      const told = await this.#hub.told(this.#height + 1);
      if (this.destroyed) return;
      this.#height++;
      if (told !== undefined) this.#hasRoom = this.push(this.#message(told));
    }
  }

  #skipGap(): void {
    const oldest = this.#hub.latest - this.#hub.limits.replayBlocksMax + 1;
    if (this.#height + 1 >= oldest) return;
    const gap = { from: this.#height + 1, to: oldest - 1 };
    this.#height = oldest - 1;
    this.push(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`);
  }

  #message({ height, blockHash, timestampMs, events }: Told): string {
    const listener = this.#listener;
    const mine = listener === null ? [] : events.filter(({ to }) => equal(to, listener.id));
    const heard = mine.length > 0 && listener?.mayHear() === true ? mine : [];
    const data = toJson({ height, blockHash, timestampMs, ...(listener === null ? {} : { events: heard }) });
    return `id: ${height}\nevent: block\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

/** A block that is no longer remembered, from the store. */
async function readBlock(service: NodeService, height: number): Promise<Told | undefined> {
  const stored = await service.block(height as Height);
  if (stored === undefined) return undefined;
  const block = decodeBlock(stored.block);
  const receipts = decodeReceipts(stored.receipts);
  assert(block.ok && receipts.ok, 'a stored block and its receipts decode');
  const events = receipts.value.flatMap(({ transactionId, events: emitted }) =>
    emitted.map((event) => ({ ...event, transactionId })),
  );
  return { height: stored.height, blockHash: stored.hash, timestampMs: block.value.header.timestampMs, events };
}

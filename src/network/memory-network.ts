import { assert } from '../base/assert.ts';
import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { NetworkContext, type NetworkOptions } from './context.ts';
import { NetworkError } from './errors.ts';
import { bodyOf } from './framing.ts';
import { CHANNEL_LIMITS, NETWORK_LIMITS, REQUEST_LIMITS } from './limits.ts';
import { memoryRequest } from './memory-request.ts';
import { frameMessage } from './messages.ts';
import type { NetworkMetrics } from './metrics.ts';
import type { Channel, Network, NetworkHandlers, Peer, RequestKind } from './network.ts';
import { Outbox } from './outbox.ts';
import type { Member, MembershipChange } from './peer-set.ts';
import { CHANNELS } from './protocols.ts';

/** A `Network` without sockets, in one process: the same peers, limits, queues and codes, and delivery on a later turn of the loop. */
export interface MemoryNetwork extends Network {
  readonly peerId: string;
  metrics(): NetworkMetrics;
}

export interface MemoryHub {
  create(options: NetworkOptions): MemoryNetwork;
}

export function createMemoryHub(): MemoryHub {
  const hub = new Hub();
  return { create: (options) => new MemoryNetworkNode(options, hub) };
}

/** Who is running. It connects two nodes when each admits the other and both are of one chain. */
class Hub {
  readonly #running = new Map<string, MemoryNetworkNode>();

  join(node: MemoryNetworkNode): void {
    assert(!this.#running.has(node.peerId), 'one node runs under a peer id');
    this.#running.set(node.peerId, node);
    this.changed();
  }

  leave(node: MemoryNetworkNode): void {
    this.#running.delete(node.peerId);
    this.changed();
  }

  node(peerId: string): MemoryNetworkNode | undefined {
    return this.#running.get(peerId);
  }

  changed(): void {
    for (const node of this.#running.values()) node.reconnect();
  }
}

interface Link {
  member: Member;
  remote: MemoryNetworkNode | undefined;
  readonly outboxes: ReadonlyMap<Channel, Outbox>;
}

class MemoryNetworkNode implements MemoryNetwork {
  readonly peerId: string;
  readonly context: NetworkContext;
  readonly #hub: Hub;
  readonly #links = new Map<string, Link>();
  readonly #stopping = new AbortController();

  constructor(options: NetworkOptions, hub: Hub) {
    this.peerId = `memory-${toHex(options.self)}`;
    this.context = new NetworkContext(options, this.peerId);
    this.#hub = hub;
    for (const member of this.context.peers.members()) this.#link(member);
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.context.handlers = handlers;
    this.#hub.join(this);
  }

  async stop(): Promise<void> {
    if (this.context.handlers === undefined) return;
    this.context.handlers = undefined;
    this.#stopping.abort(new NetworkError('network.stopped'));
    this.#hub.leave(this);
    for (const link of this.#links.values()) link.remote = undefined;
  }

  setPeers(peers: readonly Peer[]): void {
    this.#apply(this.context.peers.set(peers));
  }

  send(to: Address, channel: Channel, bytes: Uint8Array): void {
    const framed = frameMessage(channel, bytes);
    const link = this.#linkTo(to);
    if (link === undefined || link.member.syncOnly) this.context.counters.messagesDropped++;
    else this.#enqueue(link, channel, framed);
  }

  broadcast(channel: Channel, bytes: Uint8Array): void {
    const framed = frameMessage(channel, bytes);
    for (const link of this.#links.values()) if (!link.member.syncOnly) this.#enqueue(link, channel, framed);
  }

  announce(bytes: Uint8Array): void {
    if (bytes.length > NETWORK_LIMITS.announcementBytesMax) throw new NetworkError('network-message.too-large');
    const { context } = this;
    context.counters.announcementsSent++;
    context.tap({ direction: 'out', peer: null, protocol: context.protocols.topic, bytes });
    const copy = bytes.slice();
    for (const { remote } of this.#links.values()) setImmediate(() => remote?.hear(context.self, copy));
  }

  async *request(to: Address, kind: RequestKind, body: Uint8Array, timeoutMs: number): AsyncGenerator<Uint8Array> {
    if (this.context.handlers === undefined) throw new NetworkError('network.stopped');
    if (body.length > REQUEST_LIMITS[kind].requestBytesMax) throw new NetworkError('network-request.too-large');
    const link = this.#linkTo(to);
    if (link === undefined) throw new NetworkError('network-request.unknown-peer');
    if (link.remote === undefined) throw new NetworkError('network-request.not-connected');
    yield* memoryRequest(this.context, link.remote.context, kind, body.slice(), timeoutMs, this.#stopping.signal);
  }

  connected(): readonly Address[] {
    return [...this.#links.values()]
      .filter(({ remote }) => remote !== undefined)
      .map(({ member }) => member.peer.hospital);
  }

  listenAddresses(): readonly string[] {
    return this.context.handlers === undefined ? [] : [`/memory/${this.peerId}`];
  }

  metrics(): NetworkMetrics {
    return { ...this.context.counters, connectedPeers: this.connected().length };
  }

  /** Brings every link in line with who runs and who admits whom. Called by the hub after each change. */
  reconnect(): void {
    for (const link of this.#links.values()) {
      const remote = this.#reachable(this.#hub.node(link.member.peer.peerId));
      if (remote === link.remote) continue;
      const { hospital } = link.member.peer;
      link.remote = remote;
      setImmediate(() =>
        this.context.call((handlers) =>
          remote === undefined ? handlers.peerDisconnected(hospital) : handlers.peerConnected(hospital),
        ),
      );
      for (const channel of CHANNELS) this.#flushSoon(link, channel);
    }
  }

  receive(from: Address, channel: Channel, bytes: Uint8Array): void {
    const { context } = this;
    if (context.handlers === undefined || context.peers.byHospital(from)?.syncOnly !== false) return;
    context.counters.messagesReceived++;
    context.counters.bytesReceived += bytes.length;
    context.tap({ direction: 'in', peer: from, protocol: context.protocols.of(channel), bytes });
    context.call((handlers) => handlers.message(from, channel, bytes));
  }

  hear(origin: Address, bytes: Uint8Array): void {
    const { context } = this;
    if (context.peers.byHospital(origin)?.syncOnly !== false) return;
    context.counters.announcementsReceived++;
    context.tap({ direction: 'in', peer: origin, protocol: context.protocols.topic, bytes });
    context.call((handlers) => handlers.announcement(origin, bytes));
  }

  #reachable(remote: MemoryNetworkNode | undefined): MemoryNetworkNode | undefined {
    if (remote === undefined) return undefined;
    if (remote.context.peers.byPeerId(this.peerId) === undefined) {
      remote.context.counters.connectionsRefused++;
      return undefined;
    }
    if (remote.context.protocols.prefix === this.context.protocols.prefix) return remote;
    this.context.counters.streamsForeign++;
    return undefined;
  }

  #apply({ added, kept, removed }: MembershipChange): void {
    for (const { peer } of removed) {
      const link = this.#links.get(peer.peerId);
      this.#links.delete(peer.peerId);
      if (link?.remote !== undefined) this.context.call((handlers) => handlers.peerDisconnected(peer.hospital));
    }
    for (const member of [...added, ...kept]) this.#link(member);
    if (this.context.handlers !== undefined) this.#hub.changed();
  }

  #link(member: Member): void {
    const known = this.#links.get(member.peer.peerId);
    const outboxes = new Map(CHANNELS.map((channel) => [channel, new Outbox(CHANNEL_LIMITS[channel])] as const));
    if (known === undefined) this.#links.set(member.peer.peerId, { member, remote: undefined, outboxes });
    else known.member = member;
  }

  #linkTo(hospital: Address): Link | undefined {
    return [...this.#links.values()].find(({ member }) => equal(member.peer.hospital, hospital));
  }

  #enqueue(link: Link, channel: Channel, framed: Uint8Array): void {
    this.context.counters.messagesDropped += (link.outboxes.get(channel) as Outbox).push(framed);
    this.#flushSoon(link, channel);
  }

  #flushSoon(link: Link, channel: Channel): void {
    setImmediate(() => {
      const outbox = link.outboxes.get(channel) as Outbox;
      while (link.remote !== undefined) {
        const framed = outbox.shift();
        if (framed === undefined) return;
        const { context } = this;
        context.counters.messagesSent++;
        context.counters.bytesSent += framed.length;
        const bytes = bodyOf(framed).slice();
        const peer = link.member.peer.hospital;
        context.tap({ direction: 'out', peer, protocol: context.protocols.of(channel), bytes });
        link.remote.receive(context.self, channel, bytes);
      }
    });
  }
}

import './polyfill.ts';
import type { Connection, Ed25519PrivateKey, Stream } from '@libp2p/interface';
import { CODE_P2P } from '@multiformats/multiaddr';
import { assert } from '../base/assert.ts';
import type { Address } from '../base/brand.ts';
import { Announcements } from './announcements.ts';
import { NetworkContext, type NetworkOptions } from './context.ts';
import { dialTargets } from './dial-targets.ts';
import { codeOf, NetworkError } from './errors.ts';
import { Exchanges } from './exchanges.ts';
import { createGater } from './gater.ts';
import { clearHeartbeat } from './gossip.ts';
import { createNode, type Node } from './libp2p-node.ts';
import { NETWORK_LIMITS, REQUEST_LIMITS } from './limits.ts';
import { frameMessage } from './messages.ts';
import type { NetworkMetrics } from './metrics.ts';
import type { Channel, Network, NetworkHandlers, Peer, RequestKind } from './network.ts';
import { peerIdOf, peerKeyOf } from './peer-key.ts';
import { type LinkHost, PeerLink } from './peer-link.ts';
import type { Member, MembershipChange } from './peer-set.ts';
import { CHANNELS, REQUEST_KINDS } from './protocols.ts';
import { Redialer } from './redial.ts';

export interface Libp2pNetworkOptions extends NetworkOptions {
  /** 32-byte Ed25519 seed of the peer key. Kept in memory only, never logged. */
  readonly privateKeySeed: Uint8Array;
  /** Multiaddrs such as `/ip4/127.0.0.1/tcp/0`. */
  readonly listen: readonly string[];
}

export interface Libp2pNetwork extends Network {
  /** Base58, as in this hospital's on-chain record. */
  readonly peerId: string;
  metrics(): NetworkMetrics;
  /** Call once synced: bootstrap peers that the chain does not name are dropped. */
  forgetBootstrapPeers(): void;
}

/** The `Network` seam on js-libp2p 3. Nothing listens or dials before `start`, and a stopped network does not start again. */
export const createLibp2pNetwork = (options: Libp2pNetworkOptions): Libp2pNetwork => new Libp2pNetworkNode(options);

class Libp2pNetworkNode implements Libp2pNetwork {
  readonly peerId: string;
  readonly #listen: readonly string[];
  readonly #key: Ed25519PrivateKey;
  readonly #context: NetworkContext;
  readonly #announcements: Announcements;
  readonly #exchanges: Exchanges;
  readonly #redialer: Redialer;
  readonly #linkHost: LinkHost;
  /** By peer id: exactly the members of the peer set. */
  readonly #links = new Map<string, PeerLink>();
  #node: Node | undefined;
  #started = false;

  constructor(options: Libp2pNetworkOptions) {
    this.#listen = options.listen;
    this.#key = peerKeyOf(options.privateKeySeed);
    this.peerId = peerIdOf(options.privateKeySeed);
    this.#context = new NetworkContext(options, this.peerId);
    this.#announcements = new Announcements(this.#context);
    this.#exchanges = new Exchanges(this.#context);
    this.#redialer = this.#createRedialer();
    this.#linkHost = this.#createLinkHost();
    for (const member of this.#context.peers.members()) this.#link(member);
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    assert(!this.#started, 'a network starts once');
    this.#started = true;
    const { counters, logger, peers, protocols } = this.#context;
    const gater = createGater(peers, (peerId) => {
      counters.connectionsRefused++;
      logger.debug('connection refused', { peer: peerId });
    });
    const node = await createNode(this.#key, this.#listen, protocols, gater);
    await this.#serve(node);
    this.#node = node;
    this.#context.handlers = handlers;
    try {
      await node.start();
    } catch (cause) {
      this.#node = undefined;
      this.#context.handlers = undefined;
      throw new NetworkError('network.start-failed', { cause });
    }
    this.#announcements.listen(node.services.gossip);
    this.#apply({ added: peers.members(), kept: [], removed: [] });
  }

  async stop(): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    this.#node = undefined;
    this.#context.handlers = undefined;
    this.#redialer.stop();
    this.#exchanges.abort();
    for (const link of this.#links.values()) link.down();
    clearHeartbeat(node.services.gossip);
    const late = setTimeout(() => {
      for (const connection of node.getConnections()) connection.abort(new NetworkError('network.stopped'));
    }, NETWORK_LIMITS.stopTimeoutMs);
    await node.stop();
    clearTimeout(late);
    node.services.inner.clearTimer();
  }

  setPeers(peers: readonly Peer[]): void {
    this.#apply(this.#context.peers.set(peers));
  }

  forgetBootstrapPeers(): void {
    this.#apply(this.#context.peers.forgetBootstrap());
  }

  send(to: Address, channel: Channel, bytes: Uint8Array): void {
    const framed = frameMessage(channel, bytes);
    const link = this.#linkTo(to);
    if (link === undefined || link.member.syncOnly) this.#context.counters.messagesDropped++;
    else link.send(channel, framed);
  }

  broadcast(channel: Channel, bytes: Uint8Array): void {
    const framed = frameMessage(channel, bytes);
    for (const link of this.#links.values()) if (!link.member.syncOnly) link.send(channel, framed);
  }

  announce(bytes: Uint8Array): void {
    if (this.#node !== undefined) this.#announcements.publish(this.#node.services.gossip, bytes);
  }

  async *request(to: Address, kind: RequestKind, body: Uint8Array, timeoutMs: number): AsyncGenerator<Uint8Array> {
    if (this.#node === undefined) throw new NetworkError('network.stopped');
    if (body.length > REQUEST_LIMITS[kind].requestBytesMax) throw new NetworkError('network-request.too-large');
    const link = this.#linkTo(to);
    if (link === undefined) throw new NetworkError('network-request.unknown-peer');
    yield* this.#exchanges.request(link, kind, body, timeoutMs, (protocol, signal) =>
      this.#open(link.member.peer.peerId, protocol, signal),
    );
  }

  connected(): readonly Address[] {
    return [...this.#links.values()].filter((link) => link.connected).map((link) => link.member.peer.hospital);
  }

  listenAddresses(): readonly string[] {
    return (this.#node?.getMultiaddrs() ?? []).map((address) => address.decapsulateCode(CODE_P2P).toString());
  }

  metrics(): NetworkMetrics {
    return { ...this.#context.counters, connectedPeers: this.connected().length };
  }

  /** Registers protocols and events before the node listens, so that no early peer meets an unfinished node. */
  async #serve(node: Node): Promise<void> {
    const { protocols } = this.#context;
    const serve = (
      name: Channel | RequestKind,
      inboundMax: number,
      take: (link: PeerLink, stream: Stream) => unknown,
    ) =>
      node.handle(
        protocols.of(name),
        (stream, { remotePeer }) => {
          const link = this.#links.get(remotePeer.toString());
          if (link === undefined) stream.abort(new NetworkError('network-peer.removed'));
          else take(link, stream);
        },
        { maxInboundStreams: inboundMax, maxOutboundStreams: NETWORK_LIMITS.streamsMax },
      );
    for (const channel of CHANNELS)
      await serve(channel, NETWORK_LIMITS.channelStreamsMax, (link, stream) => link.receive(channel, stream));
    // One stream above our own count of answers: we tell the peer that we are busy, where libp2p would only reset.
    for (const kind of REQUEST_KINDS)
      await serve(kind, REQUEST_LIMITS[kind].inboundMax + 1, (link, stream) =>
        this.#exchanges.answer(link, kind, stream),
      );
    node.addEventListener('connection:open', ({ detail }) => this.#admit(detail));
    node.addEventListener('peer:connect', ({ detail }) => this.#connected(detail.toString()));
    node.addEventListener('peer:disconnect', ({ detail }) => this.#disconnected(detail.toString()));
  }

  /** A peer removed during its handshake passed the gater: it is met here. */
  #admit(connection: Connection): void {
    if (this.#context.peers.byPeerId(connection.remotePeer.toString()) === undefined)
      connection.abort(new NetworkError('network-peer.removed'));
  }

  #connected(peerId: string): void {
    if (this.#node === undefined) return;
    this.#redialer.connected(peerId);
    this.#links.get(peerId)?.up();
  }

  #disconnected(peerId: string): void {
    if (this.#node === undefined) return;
    this.#redialer.disconnected(peerId);
    this.#unlink(this.#links.get(peerId));
  }

  #apply({ added, kept, removed }: MembershipChange): void {
    for (const { peer } of removed) {
      const link = this.#links.get(peer.peerId);
      this.#links.delete(peer.peerId);
      this.#redialer.remove(peer.peerId);
      this.#unlink(link);
      for (const connection of this.#connectionsOf(peer.peerId))
        connection.abort(new NetworkError('network-peer.removed'));
    }
    for (const member of [...added, ...kept]) {
      this.#link(member);
      if (this.#node !== undefined) this.#redialer.add(member.peer.peerId, member.peer.addresses);
    }
    const members = this.#context.peers.size + 1;
    this.#node?.services.inner.setMaxConnections(NETWORK_LIMITS.connectionsPerMember * members);
  }

  #link(member: Member): void {
    const known = this.#links.get(member.peer.peerId);
    if (known === undefined) this.#links.set(member.peer.peerId, new PeerLink(member, this.#linkHost));
    else known.member = member;
  }

  #unlink(link: PeerLink | undefined): void {
    if (link === undefined) return;
    const wasConnected = link.connected;
    link.down();
    if (wasConnected) this.#context.call((handlers) => handlers.peerDisconnected(link.member.peer.hospital));
  }

  #linkTo(hospital: Address): PeerLink | undefined {
    const member = this.#context.peers.byHospital(hospital);
    return member === undefined ? undefined : this.#links.get(member.peer.peerId);
  }

  #createLinkHost(): LinkHost {
    const timeoutMs = NETWORK_LIMITS.openTimeoutMs;
    return {
      context: this.#context,
      open: (peerId, protocol, signal) =>
        this.#open(peerId, protocol, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
      linked: (link) => {
        if (link.connected) return;
        link.connected = true;
        this.#context.call((handlers) => handlers.peerConnected(link.member.peer.hospital));
      },
    };
  }

  #createRedialer(): Redialer {
    const { counters, logger } = this.#context;
    return new Redialer(this.peerId, {
      isConnected: (peerId) => this.#connectionsOf(peerId).length > 0,
      dial: async (peerId, addresses) => {
        const targets = dialTargets(peerId, addresses);
        await this.#node?.dial(targets, { signal: AbortSignal.timeout(NETWORK_LIMITS.dialTimeoutMs) });
      },
      failed: (peerId, error) => {
        counters.dialsFailed++;
        logger.debug('dial failed', { peer: peerId, code: codeOf(error) });
      },
    });
  }

  async #open(peerId: string, protocol: string, signal: AbortSignal): Promise<Stream> {
    const newest = this.#connectionsOf(peerId).at(-1);
    if (newest === undefined) throw new NetworkError('network-request.not-connected');
    return newest.newStream(protocol, { signal });
  }

  #connectionsOf(peerId: string): readonly Connection[] {
    const connections = this.#node?.getConnections() ?? [];
    return connections.filter(({ status, remotePeer }) => status === 'open' && remotePeer.toString() === peerId);
  }
}

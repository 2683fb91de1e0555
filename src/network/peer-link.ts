import type { Stream } from '@libp2p/interface';
import type { NetworkContext } from './context.ts';
import { codeOf, NetworkError } from './errors.ts';
import { bodyOf, FrameDecoder } from './framing.ts';
import { KeptStream } from './kept-stream.ts';
import { CHANNEL_LIMITS, REQUEST_LIMITS } from './limits.ts';
import type { Channel, RequestKind } from './network.ts';
import type { Member } from './peer-set.ts';
import { CHANNELS } from './protocols.ts';

export interface LinkHost {
  readonly context: NetworkContext;
  open(peerId: string, protocol: string, signal: AbortSignal): Promise<Stream>;
  /** The peer speaks this chain's protocols: it counts as connected. */
  linked(link: PeerLink): void;
}

/** All that this node holds for one peer: a kept stream out and at most one in for each channel, and the answers under way. */
export class PeerLink {
  member: Member;
  /** True from the first kept stream of a connection, which only a node of the same chain accepts, until the last connection ends. */
  connected = false;
  readonly #host: LinkHost;
  readonly #outbound: ReadonlyMap<Channel, KeptStream>;
  readonly #inbound = new Map<Channel, Stream>();
  readonly #answers = new Map<RequestKind, number>();

  constructor(member: Member, host: LinkHost) {
    this.member = member;
    this.#host = host;
    this.#outbound = new Map(CHANNELS.map((channel) => [channel, this.#keptStream(channel)] as const));
  }

  up(): void {
    for (const kept of this.#outbound.values()) kept.up();
  }

  down(): void {
    this.connected = false;
    for (const kept of this.#outbound.values()) kept.down();
    for (const stream of this.#inbound.values()) stream.abort(new NetworkError('network-stream.broken'));
    this.#inbound.clear();
  }

  send(channel: Channel, framed: Uint8Array): void {
    this.#host.context.counters.messagesDropped += (this.#outbound.get(channel) as KeptStream).enqueue(framed);
  }

  /** Takes the peer's newest stream of a channel. The one before ends first, so that no older message follows a newer. */
  receive(channel: Channel, stream: Stream): void {
    this.#inbound.get(channel)?.abort(new NetworkError('network-stream.replaced'));
    this.#inbound.set(channel, stream);
    const decoder = new FrameDecoder(CHANNEL_LIMITS[channel].messageBytesMax);
    stream.addEventListener('message', ({ data }) => this.#read(channel, stream, decoder, data.subarray()));
    stream.addEventListener('remoteCloseWrite', () => void stream.close().catch(() => {}));
    stream.addEventListener('close', () => {
      if (this.#inbound.get(channel) === stream) this.#inbound.delete(channel);
    });
  }

  /** Claims one of the answers that this peer may have under way for a kind, or says that all are taken. */
  beginAnswer(kind: RequestKind): boolean {
    const underWay = this.#answers.get(kind) ?? 0;
    if (underWay >= REQUEST_LIMITS[kind].inboundMax) return false;
    this.#answers.set(kind, underWay + 1);
    return true;
  }

  endAnswer(kind: RequestKind): void {
    this.#answers.set(kind, (this.#answers.get(kind) ?? 1) - 1);
  }

  #read(channel: Channel, stream: Stream, decoder: FrameDecoder, piece: Uint8Array): void {
    if (this.#inbound.get(channel) !== stream) return;
    const bodies = decoder.push(piece);
    if (!bodies.ok) {
      const { counters, logger } = this.#host.context;
      counters.streamsRefused++;
      logger.warn('stream refused', { peer: this.member.peer.peerId, code: bodies.rejection.code });
      stream.abort(new NetworkError(bodies.rejection.code));
      return;
    }
    for (const body of bodies.value) {
      // A handler may have removed this very peer.
      if (this.#inbound.get(channel) !== stream) return;
      this.#deliver(channel, body);
    }
  }

  #deliver(channel: Channel, bytes: Uint8Array): void {
    const { peer, syncOnly } = this.member;
    const { context } = this.#host;
    if (syncOnly) {
      context.counters.messagesDropped++;
      return;
    }
    context.counters.messagesReceived++;
    context.counters.bytesReceived += bytes.length;
    context.tap({ direction: 'in', peer: peer.hospital, protocol: context.protocols.of(channel), bytes });
    context.call((handlers) => handlers.message(peer.hospital, channel, bytes));
  }

  #keptStream(channel: Channel): KeptStream {
    const { context } = this.#host;
    const { counters, logger } = context;
    const protocol = context.protocols.of(channel);
    return new KeptStream(CHANNEL_LIMITS[channel], {
      open: (signal) => this.#host.open(this.member.peer.peerId, protocol, signal),
      opened: () => this.#host.linked(this),
      openFailed: (error) => {
        if (error instanceof Error && error.name === 'UnsupportedProtocolError') counters.streamsForeign++;
        logger.debug('stream not opened', { peer: this.member.peer.peerId, protocol, code: codeOf(error) });
      },
      sent: (frames) => {
        for (const framed of frames) {
          counters.messagesSent++;
          counters.bytesSent += framed.length;
          context.tap({ direction: 'out', peer: this.member.peer.hospital, protocol, bytes: bodyOf(framed) });
        }
      },
    });
  }
}

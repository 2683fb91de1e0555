import type { Stream } from '@libp2p/interface';
import type { NetworkContext } from './context.ts';
import { codeOf, NetworkError } from './errors.ts';
import { REQUEST_LIMITS } from './limits.ts';
import type { RequestKind } from './network.ts';
import { pacedDeadline } from './paced-deadline.ts';
import type { PeerLink } from './peer-link.ts';
import { SYNC_KINDS } from './protocols.ts';
import { requestOn } from './request.ts';
import { refuseOn, respondOn } from './respond.ts';

type Open = (protocol: string, signal: AbortSignal) => Promise<Stream>;

/** Requests of this node and its answers to others: who may, how many at once, and for how long. */
export class Exchanges {
  readonly #context: NetworkContext;
  readonly #underWay = new Set<AbortController>();

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  /** Ends every request of this node, when it stops. */
  abort(): void {
    for (const exchange of this.#underWay) exchange.abort(new NetworkError('network.stopped'));
  }

  /** `timeoutMs`, and what its bytes earn, bound the whole exchange, from opening the stream to the last chunk that the caller takes. */
  async *request(
    link: PeerLink,
    kind: RequestKind,
    body: Uint8Array,
    timeoutMs: number,
    open: Open,
  ): AsyncGenerator<Uint8Array> {
    const { counters } = this.#context;
    if (link.member.syncOnly && !SYNC_KINDS.includes(kind)) throw new NetworkError('network-request.refused');
    if (!link.connected) throw new NetworkError('network-request.not-connected');
    const exchange = new AbortController();
    const deadline = pacedDeadline(timeoutMs, () => exchange.abort(new NetworkError('network-request.timeout')));
    this.#underWay.add(exchange);
    counters.requestsSent++;
    try {
      const protocol = this.#context.protocols.of(kind);
      const chunks = requestOn({
        limits: REQUEST_LIMITS[kind],
        body,
        signal: exchange.signal,
        open: (signal) => open(protocol, signal),
        ...this.#context.tapsOf(link.member.peer.hospital, kind),
      });
      for await (const chunk of chunks) {
        deadline.passed(chunk.length);
        yield chunk;
      }
    } catch (error) {
      counters.requestsFailed++;
      throw error;
    } finally {
      deadline.stop();
      this.#underWay.delete(exchange);
    }
  }

  /** Serves one inbound stream of a request kind. Never rejects: what a peer does wrong is counted and ends its stream. */
  async answer(link: PeerLink, kind: RequestKind, stream: Stream): Promise<void> {
    const { counters, logger, handlers, protocols } = this.#context;
    const { peer, syncOnly } = link.member;
    if (handlers === undefined || (syncOnly && !SYNC_KINDS.includes(kind)))
      return refuseOn(stream, REQUEST_LIMITS[kind], 'network-request.refused');
    if (!link.beginAnswer(kind)) {
      counters.requestsBusy++;
      return refuseOn(stream, REQUEST_LIMITS[kind], 'network-request.busy');
    }
    const protocol = protocols.of(kind);
    counters.requestsReceived++;
    try {
      await respondOn(stream, {
        limits: REQUEST_LIMITS[kind],
        answer: (body) => handlers.request(peer.hospital, kind, body),
        handlerFailed: (error) => this.#context.handlerFailed(error),
        ...this.#context.tapsOf(peer.hospital, kind),
      });
    } catch (error) {
      const code = codeOf(error);
      if (code.startsWith('network-frame.')) counters.streamsRefused++;
      logger.debug('request not answered', { peer: peer.peerId, protocol, code });
    } finally {
      link.endAnswer(kind);
    }
  }
}

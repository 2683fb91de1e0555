import type { Address, Hash } from '../base/brand.ts';
import { codeOf } from './errors.ts';
import { type NetworkLogger, SILENT } from './logger.ts';
import { zeroCounters } from './metrics.ts';
import type { NetworkHandlers, Peer, RequestKind } from './network.ts';
import { PeerSet } from './peer-set.ts';
import { type Protocols, protocolsOf } from './protocols.ts';
import type { Tap, TapEvent } from './tap.ts';

export interface NetworkOptions {
  /** Hash of the genesis file: nodes of other chains negotiate nothing with this one. */
  readonly chainId: Hash;
  /** This hospital. */
  readonly self: Address;
  readonly logger?: NetworkLogger;
  /** Peers from the command line, for sync only, until the node forgets them. */
  readonly bootstrapPeers?: readonly Peer[];
  readonly tap?: Tap;
}

/** What the parts of one network share: who is a peer, what things are called, what was counted, and whom to tell. */
export class NetworkContext {
  readonly self: Address;
  readonly peers: PeerSet;
  readonly protocols: Protocols;
  readonly logger: NetworkLogger;
  readonly counters = zeroCounters();
  /** Set while the network runs. */
  handlers: NetworkHandlers | undefined;
  readonly #tap: Tap | undefined;

  constructor(options: NetworkOptions, selfPeerId: string) {
    this.self = options.self;
    this.peers = new PeerSet(options.self, selfPeerId, options.bootstrapPeers ?? []);
    this.protocols = protocolsOf(options.chainId);
    this.logger = options.logger ?? SILENT;
    this.#tap = options.tap;
  }

  /** Runs a handler of the node. What it throws is its own fault and ends neither the stream nor the process. */
  call(run: (handlers: NetworkHandlers) => void): void {
    if (this.handlers === undefined) return;
    try {
      run(this.handlers);
    } catch (error) {
      this.handlerFailed(error);
    }
  }

  handlerFailed(error: unknown): void {
    this.counters.handlerErrors++;
    this.logger.warn('handler failed', { code: codeOf(error) });
  }

  /** The taps of one exchange with a peer. */
  tapsOf(peer: Address, kind: RequestKind): Record<'sent' | 'received', (bytes: Uint8Array) => void> {
    const protocol = this.protocols.of(kind);
    return {
      sent: (bytes) => this.tap({ direction: 'out', peer, protocol, bytes }),
      received: (bytes) => this.tap({ direction: 'in', peer, protocol, bytes }),
    };
  }

  tap(event: TapEvent): void {
    try {
      this.#tap?.(event);
    } catch (error) {
      this.handlerFailed(error);
    }
  }
}

import './polyfill.ts';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { type Identify, identify } from '@libp2p/identify';
import type { ConnectionGater, Ed25519PrivateKey, Libp2p } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { gossipOptions } from './gossip.ts';
import { NETWORK_LIMITS } from './limits.ts';
import type { Protocols } from './protocols.ts';

/** What a node does with libp2p's inner components, which its public interface does not show. */
interface Inner {
  setMaxConnections(connectionsMax: number): void;
  /** libp2p 3.3 debounces an update of its own addresses by a second and does not cancel it. Call after it stopped. */
  clearTimer(): void;
}

type Services = { identify: Identify; gossip: GossipSub; inner: Inner };
type Debounced = { readonly _updatePeerStoreAddresses: { stop(): void } };
export type Node = Libp2p<Services>;

/** TCP + Noise + Yamux, identify and gossipsub, not started. No DHT, relay, mDNS or UPnP: the chain names every peer and address. */
export function createNode(
  key: Ed25519PrivateKey,
  listen: readonly string[],
  protocols: Protocols,
  gater: ConnectionGater,
): Promise<Node> {
  const limits = NETWORK_LIMITS;
  const options: Libp2pOptions<Services> = {
    start: false,
    privateKey: key,
    nodeInfo: { name: 'carechain', version: '1', userAgent: 'carechain' },
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: limits.streamsMax,
        maxOutboundStreams: limits.streamsMax,
        streamOptions: {
          maxStreamWindowSize: limits.streamWindowBytesMax,
          maxReadBufferLength: limits.streamReadBufferBytesMax,
          maxWriteBufferLength: limits.streamWriteBufferBytesMax,
        },
      }),
    ],
    connectionGater: gater,
    connectionManager: {
      maxConnections: limits.connectionsPerMember,
      inboundConnectionThreshold: limits.inboundConnectionsPerSecondMax,
      maxIncomingPendingConnections: limits.pendingConnectionsMax,
      maxPeerAddrsToDial: limits.addressesPerPeerMax,
      maxDialQueueLength: limits.peersMax,
      dialTimeout: limits.dialTimeoutMs,
      inboundUpgradeTimeout: limits.upgradeTimeoutMs,
    },
    // A ping waits behind what else the connection carries: by the library's 2 s it would end a connection for being used.
    connectionMonitor: { pingTimeout: { minTimeout: limits.pingTimeoutMs } },
    services: {
      // Under the chain's own name: a node of another chain fails here, and gossip is never opened to it.
      identify: identify({ protocolPrefix: protocols.prefix }),
      gossip: gossipsub(gossipOptions(protocols.topic)),
      inner: ({ addressManager, connectionManager }): Inner => ({
        setMaxConnections: (connectionsMax) => connectionManager.setMaxConnections(connectionsMax),
        clearTimer: () => (addressManager as unknown as Debounced)._updatePeerStoreAddresses.stop(),
      }),
    },
  };
  return createLibp2p(options);
}

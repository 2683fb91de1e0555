import type { Address } from '../base/brand.ts';

/** A hospital's place on the network, from its on-chain record. */
export interface Peer {
  readonly hospital: Address;
  /** libp2p peer id of its Ed25519 key, base58. */
  readonly peerId: string;
  /** Multiaddrs. */
  readonly addresses: readonly string[];
  /** It may ask for blocks and be asked for them; no message of it is heard, and none is sent to it. */
  readonly syncOnly?: true;
}

/** `consensus`: votes and proposals. `transactions`: batches for the mempool. Each is one kept stream per peer. */
export type Channel = 'consensus' | 'transactions';
/**
 * Request / response protocols, each with its own size limit. `duty`: work that one hospital asks of another beyond blocks and
 * blobs (store this record, keep these fragments, answer this read).
 */
export type RequestKind = 'status' | 'blocks' | 'blob' | 'envelope' | 'fragment' | 'duty';

export interface NetworkHandlers {
  /** A whole framed message of an admitted peer. Must return at once; what cannot be queued is dropped and counted. */
  message(from: Address, channel: Channel, bytes: Uint8Array): void;
  /** Answer a request with chunks (one chunk for small answers). Throwing closes the stream with an error. */
  request(from: Address, kind: RequestKind, body: Uint8Array): AsyncIterable<Uint8Array>;
  /** A gossip announcement (this node is at height h). */
  announcement(from: Address, bytes: Uint8Array): void;
  peerConnected(peer: Address): void;
  peerDisconnected(peer: Address): void;
}

/** The network seam. One conformance suite runs against libp2p and against the simulated network. */
export interface Network {
  start(handlers: NetworkHandlers): Promise<void>;
  stop(): Promise<void>;
  /** The consortium's peers, from chain state: connections of anyone else are refused, those of removed peers dropped. */
  setPeers(peers: readonly Peer[]): void;
  /** Never blocks; a full queue drops the oldest message to that peer and counts it. */
  send(to: Address, channel: Channel, bytes: Uint8Array): void;
  broadcast(channel: Channel, bytes: Uint8Array): void;
  announce(bytes: Uint8Array): void;
  /** Rejects with a `NetworkError` (code) on refusal, timeout, or an answer over the kind's limit. */
  request(to: Address, kind: RequestKind, body: Uint8Array, timeoutMs: number): AsyncIterable<Uint8Array>;
  connected(): readonly Address[];
  /** The addresses this node listens on, with the real port. */
  listenAddresses(): readonly string[];
}

import { LIMITS } from '../base/limits.ts';
import type { Channel, RequestKind } from './network.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** A channel's bounds: one message, and what waits for one peer that reads slowly or is away. */
export interface ChannelLimits {
  readonly messageBytesMax: number;
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
}

export const CHANNEL_LIMITS: Readonly<Record<Channel, ChannelLimits>> = {
  consensus: {
    messageBytesMax: LIMITS.consensusMessageBytesMax,
    queueMessagesMax: 1_024,
    queueBytesMax: 16 * MIB,
  },
  transactions: { messageBytesMax: 1 * MIB, queueMessagesMax: 256, queueBytesMax: 16 * MIB },
};

export interface RequestLimits {
  readonly requestBytesMax: number;
  /** One chunk of the answer: what the requester must hold at once. */
  readonly chunkBytesMax: number;
  /** The whole answer, each chunk counted with one byte more, so that a flood of empty chunks ends too. */
  readonly answerBytesMax: number;
  /** Answers under way for one peer: the next request is told that the peer is busy. */
  readonly inboundMax: number;
  /** Where an answer may take longer than `NETWORK_LIMITS.answerTimeoutMs` to begin. */
  readonly answerTimeoutMs?: number;
}

export const REQUEST_LIMITS: Readonly<Record<RequestKind, RequestLimits>> = {
  status: { requestBytesMax: 1 * KIB, chunkBytesMax: 16 * KIB, answerBytesMax: 16 * KIB, inboundMax: 4 },
  blocks: { requestBytesMax: 4 * KIB, chunkBytesMax: 4 * MIB, answerBytesMax: 64 * MIB, inboundMax: 4 },
  blob: { requestBytesMax: 1 * KIB, chunkBytesMax: 1 * MIB, answerBytesMax: 4_097 * MIB, inboundMax: 4 },
  envelope: { requestBytesMax: 4 * KIB, chunkBytesMax: 64 * KIB, answerBytesMax: 64 * KIB, inboundMax: 4 },
  fragment: { requestBytesMax: 64 * KIB, chunkBytesMax: 256 * KIB, answerBytesMax: 256 * KIB, inboundMax: 4 },
  duty: {
    requestBytesMax: 1 * MIB,
    chunkBytesMax: 1 * MIB,
    answerBytesMax: 1 * MIB,
    inboundMax: 4,
    // Storing a record fetches its ciphertext first: the largest one, at the slowest pace.
    answerTimeoutMs: 4_300_000,
  },
};

export const NETWORK_LIMITS = {
  /** Peers that one node keeps, bootstrap peers included. */
  peersMax: 256,
  /** Addresses of one peer that are dialled; the record may list more. */
  addressesPerPeerMax: 8,
  /** Connections for each member of the consortium: both may dial at the same moment, and a restart leaves a dying one. */
  connectionsPerMember: 4,
  inboundConnectionsPerSecondMax: 5,
  pendingConnectionsMax: 10,
  /** Streams of one connection, each way: kept streams, gossip, identify, and `inboundMax` of every request kind. */
  streamsMax: 32,
  /** Kept streams of one channel on one connection: the newest serves, the one it replaces may still be closing. */
  channelStreamsMax: 2,
  streamWindowBytesMax: 1 * MIB,
  /** Above the window, so that a paused stream is never reset for what it was allowed to receive. */
  streamReadBufferBytesMax: 2 * MIB,
  /** Above the largest frame: a writer hands over one frame, then waits until the stream took it whole. */
  streamWriteBufferBytesMax: 8 * MIB,
  /** Whole frames that wait for a slow reader before its stream is paused. */
  readAheadBytesMax: 256 * KIB,
  /** Queued frames that go out as one write. */
  writeBatchBytesMax: 64 * KIB,
  announcementBytesMax: 1 * KIB,
  /** One gossip RPC: `gossipDecodeMax` announcements fit. */
  gossipRpcBytesMax: 128 * KIB,
  /** Entries of every repeated field of a gossip RPC. */
  gossipDecodeMax: 64,
  gossipWriteBufferBytesMax: 1 * MIB,
  /** A peer that opens a request stream sends its one frame within this. */
  requestReadTimeoutMs: 5_000,
  /** An answer that a requester does not take within this, and at the pace below, is given up. */
  answerTimeoutMs: 120_000,
  /** Every so many bytes of an answer earn it one second more: what is large may take long, what trickles may not. */
  paceBytesPerSecond: 1 * MIB,
  /** After the last frame, the requester closes its end within this. */
  answerLingerMs: 5_000,
  dialTimeoutMs: 5_000,
  /** A peer that answers no ping for so long is taken for gone. */
  pingTimeoutMs: 15_000,
  /** Opening and negotiating a kept stream. */
  openTimeoutMs: 5_000,
  /** Handshake of an inbound connection. */
  upgradeTimeoutMs: 5_000,
  /** Graceful part of `stop`; what is still open afterwards is aborted. */
  stopTimeoutMs: 1_200,
} as const;

/** Waiting times between attempts, doubled each time up to the cap, each drawn from the upper half of its range. */
export const BACK_OFF = {
  redial: { baseMs: 200, capMs: 10_000 },
  reopen: { baseMs: 50, capMs: 5_000 },
  /** A connection or stream that lived this long starts again from the base. */
  stableAfterMs: 5_000,
} as const;

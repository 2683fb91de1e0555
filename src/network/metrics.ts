/** What a network counted since it was made. Gauges are named so. */
export interface NetworkMetrics {
  /** Gauge. */
  readonly connectedPeers: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Messages that a full queue pushed out, or that were for nobody of the consortium. */
  readonly messagesDropped: number;
  readonly announcementsSent: number;
  readonly announcementsReceived: number;
  readonly announcementsRefused: number;
  readonly requestsSent: number;
  readonly requestsReceived: number;
  readonly requestsBusy: number;
  readonly requestsFailed: number;
  /** Connections that the gater refused, in either direction. */
  readonly connectionsRefused: number;
  /** Streams cut because a peer broke framing or size. */
  readonly streamsRefused: number;
  /** Kept streams that an admitted peer did not speak: it runs another chain, or another version. */
  readonly streamsForeign: number;
  readonly dialsFailed: number;
  /** A handler of this node threw. */
  readonly handlerErrors: number;
}

export type Counters = { -readonly [Name in Exclude<keyof NetworkMetrics, 'connectedPeers'>]: number };

export const zeroCounters = (): Counters => ({
  messagesSent: 0,
  messagesReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  messagesDropped: 0,
  announcementsSent: 0,
  announcementsReceived: 0,
  announcementsRefused: 0,
  requestsSent: 0,
  requestsReceived: 0,
  requestsBusy: 0,
  requestsFailed: 0,
  connectionsRefused: 0,
  streamsRefused: 0,
  streamsForeign: 0,
  dialsFailed: 0,
  handlerErrors: 0,
});

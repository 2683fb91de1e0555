import './polyfill.ts';
import { createHash } from 'node:crypto';
import {
  type GossipSub,
  type GossipsubMessage,
  type GossipsubOpts,
  StrictNoSign,
  TopicValidatorResult,
} from '@libp2p/gossipsub';
import { createTopicScoreParams } from '@libp2p/gossipsub/score';
import { NETWORK_LIMITS } from './limits.ts';

const { gossipDecodeMax } = NETWORK_LIMITS;

/** gossipsub's defaults are open: every bound is set here (FACTS: fixed topics, message size, decode limits, asynchronous validation). */
export const gossipOptions = (topic: string): Partial<GossipsubOpts> => ({
  allowedTopics: [topic],
  fallbackToFloodsub: false,
  doPX: false,
  globalSignaturePolicy: StrictNoSign,
  msgIdFn: (message) => createHash('sha256').update(message.topic).update('\0').update(message.data).digest(),
  asyncValidation: true,
  allowPublishToZeroTopicPeers: true,
  maxInboundStreams: 2,
  maxOutboundStreams: 2,
  maxInboundDataLength: NETWORK_LIMITS.gossipRpcBytesMax,
  maxOutboundBufferSize: NETWORK_LIMITS.gossipWriteBufferBytesMax,
  maxTopicBytesPerPeer: 16_384,
  decodeRpcLimits: {
    maxSubscriptions: gossipDecodeMax,
    maxMessages: gossipDecodeMax,
    maxIhaveMessageIDs: gossipDecodeMax,
    maxIwantMessageIDs: gossipDecodeMax,
    maxIdontwantMessageIDs: gossipDecodeMax,
    maxControlMessages: gossipDecodeMax,
    maxPeerInfos: 0,
  },
  scoreParams: {
    // A whole consortium on one machine shares an address; strangers never get this far.
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
    topics: {
      // Invalid announcements count against their sender. Silence does not: the default for that is meant for busy topics.
      [topic]: createTopicScoreParams({ meshMessageDeliveriesWeight: 0, meshFailurePenaltyWeight: 0 }),
    },
  },
});

/** What the library's class has and its exported interface lacks. */
type GossipInternals = GossipSub & {
  reportMessageValidationResult(id: string, source: string, result: TopicValidatorResult): void;
  readonly status: { readonly heartbeatTimeout?: NodeJS.Timeout };
};

/** Calls `judge` for each announcement from a connected peer; only what it accepts travels on. */
export function receiveGossip(
  gossip: GossipSub,
  topic: string,
  judge: (sourcePeerId: string, wire: Uint8Array) => boolean,
): void {
  gossip.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) => {
    const { msg, msgId, propagationSource } = event.detail;
    const source = propagationSource.toString();
    const accepted = msg.topic === topic && judge(source, msg.data);
    const result = accepted ? TopicValidatorResult.Accept : TopicValidatorResult.Reject;
    (gossip as GossipInternals).reportMessageValidationResult(msgId, source, result);
  });
  gossip.subscribe(topic);
}

/** gossipsub 17.1 forgets its next heartbeat when it stops, and would hold the process for up to a second. Call before it stops. */
export const clearHeartbeat = (gossip: GossipSub): void =>
  clearTimeout((gossip as GossipInternals).status.heartbeatTimeout);

import type { GossipSub } from '@libp2p/gossipsub';
import { decodeAnnouncement, encodeAnnouncement } from './announcement.ts';
import type { NetworkContext } from './context.ts';
import { codeOf, NetworkError } from './errors.ts';
import { receiveGossip } from './gossip.ts';
import { NETWORK_LIMITS } from './limits.ts';

/** Announcements of this node to the consortium, and of its members to this node, over one gossip topic. */
export class Announcements {
  readonly #context: NetworkContext;
  /** Gossip ids must differ across restarts too; the clock is ahead of any count of announcements. */
  #sequence = Date.now() * 1_000;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  listen(gossip: GossipSub): void {
    receiveGossip(gossip, this.#context.protocols.topic, (source, wire) => this.#judge(source, wire));
  }

  publish(gossip: GossipSub, bytes: Uint8Array): void {
    const { counters, logger, protocols, self } = this.#context;
    if (bytes.length > NETWORK_LIMITS.announcementBytesMax) throw new NetworkError('network-message.too-large');
    const wire = encodeAnnouncement(self, this.#sequence++, bytes);
    counters.announcementsSent++;
    this.#context.tap({ direction: 'out', peer: null, protocol: protocols.topic, bytes });
    gossip.publish(protocols.topic, wire).catch((error) => {
      logger.debug('announcement not published', { code: codeOf(error) });
    });
  }

  /** Whether an announcement is well formed and names a member; the handler hears it before it travels on. */
  #judge(sourcePeerId: string, wire: Uint8Array): boolean {
    const { counters, logger, peers, protocols } = this.#context;
    const source = peers.byPeerId(sourcePeerId);
    const announcement = decodeAnnouncement(wire);
    const origin = announcement.ok ? peers.byHospital(announcement.value.origin) : undefined;
    if (!announcement.ok || source === undefined || origin === undefined || source.syncOnly || origin.syncOnly) {
      counters.announcementsRefused++;
      const code = announcement.ok ? 'network-announcement.stranger' : announcement.rejection.code;
      logger.debug('announcement refused', { peer: sourcePeerId, code });
      return false;
    }
    const { bytes } = announcement.value;
    counters.announcementsReceived++;
    this.#context.tap({ direction: 'in', peer: source.peer.hospital, protocol: protocols.topic, bytes });
    this.#context.call((handlers) => handlers.announcement(origin.peer.hospital, bytes));
    return true;
  }
}

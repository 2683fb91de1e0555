import type { ConnectionGater, PeerId } from '@libp2p/interface';
import type { PeerSet } from './peer-set.ts';

/**
 * Only the consortium's peers connect. An inbound peer is known once the Noise handshake proved its key, so it is judged there,
 * before it can open a stream. libp2p's own `allow` list stays empty: it would bypass every connection limit.
 */
export function createGater(peers: PeerSet, onRefused: (peerId: string) => void): ConnectionGater {
  const deny = (peer: PeerId): boolean => {
    const peerId = peer.toString();
    if (peers.byPeerId(peerId) !== undefined) return false;
    onRefused(peerId);
    return true;
  };
  return {
    denyDialPeer: deny,
    denyInboundEncryptedConnection: deny,
    denyOutboundEncryptedConnection: deny,
    // The chain names the addresses to dial. What a peer says of itself or of others is not kept.
    filterMultiaddrForPeer: () => false,
  };
}

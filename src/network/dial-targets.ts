import './polyfill.ts';
import { peerIdFromString } from '@libp2p/peer-id';
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { NETWORK_LIMITS } from './limits.ts';

/**
 * The addresses of an on-chain record as libp2p dials them, each ending in the record's own peer id, so that whoever answers must prove
 * that key. A hospital wrote them: what is no address is skipped, and hurts only its own.
 */
export const dialTargets = (peerId: string, addresses: readonly string[]): Multiaddr[] =>
  addresses.slice(0, NETWORK_LIMITS.addressesPerPeerMax).flatMap((address) => {
    try {
      const place = multiaddr(address).decapsulateCode(CODE_P2P);
      return place.getComponents().length === 0 ? [] : [place.encapsulate(`/p2p/${peerIdFromString(peerId)}`)];
    } catch {
      return [];
    }
  });

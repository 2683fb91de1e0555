import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Network, Peer } from '../network/network.ts';
import { activePeers } from './peers.ts';

/** Who of the peers takes part, and who only reads along until it is voted in: the one is counted on, heard and told, the other is not. */
export class PeerRoll {
  readonly #network: Pick<Network, 'connected'>;
  #readers: ReadonlySet<string> = new Set();
  #others = 0;

  constructor(network: Pick<Network, 'connected'>) {
    this.#network = network;
  }

  /** Hospitals that take part, without this one: connected or not. */
  get others(): number {
    return this.#others;
  }

  /** Takes the peers as the newest state has them, and tells which of those that are connected take part from now on. */
  set(peers: readonly Peer[]): readonly Address[] {
    const before = this.#readers;
    const active = activePeers(peers);
    this.#others = active.length;
    this.#readers = new Set(peers.filter((peer) => !active.includes(peer)).map(({ hospital }) => toHex(hospital)));
    return this.connected().filter((peer) => before.has(toHex(peer)));
  }

  takesPart(peer: Address): boolean {
    return !this.#readers.has(toHex(peer));
  }

  /** Those that take part, as far as they are connected. */
  connected(): readonly Address[] {
    return this.#network.connected().filter((peer) => this.takesPart(peer));
  }
}

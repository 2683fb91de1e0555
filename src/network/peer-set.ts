import { assert } from '../base/assert.ts';
import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { NETWORK_LIMITS } from './limits.ts';
import type { Peer } from './network.ts';

export interface Member {
  readonly peer: Peer;
  /** A bootstrap peer that the chain does not (yet) name, or a hospital that the chain has not voted in: sync, and nothing else. */
  readonly syncOnly: boolean;
}

export interface MembershipChange {
  readonly added: readonly Member[];
  /** Same hospital, same peer id; addresses or standing may be new. */
  readonly kept: readonly Member[];
  readonly removed: readonly Member[];
}

/** Who may be connected: the consortium's peers from chain state, and until synced the bootstrap peers. Never this node itself. */
export class PeerSet {
  readonly #self: Address;
  readonly #selfPeerId: string;
  #bootstrap: readonly Peer[];
  #named: readonly Peer[] = [];
  #byPeerId = new Map<string, Member>();
  #byHospital = new Map<string, Member>();

  constructor(self: Address, selfPeerId: string, bootstrap: readonly Peer[]) {
    this.#self = self;
    this.#selfPeerId = selfPeerId;
    this.#bootstrap = bootstrap;
    this.#rebuild();
  }

  get size(): number {
    return this.#byPeerId.size;
  }

  members(): readonly Member[] {
    return [...this.#byPeerId.values()];
  }

  byPeerId(peerId: string): Member | undefined {
    return this.#byPeerId.get(peerId);
  }

  byHospital(hospital: Address): Member | undefined {
    return this.#byHospital.get(toHex(hospital));
  }

  /** Replaces the consortium's peers. A peer id or hospital named twice counts once: the first. */
  set(peers: readonly Peer[]): MembershipChange {
    this.#named = peers;
    return this.#rebuild();
  }

  /** Once synced, only the chain says who is a peer. */
  forgetBootstrap(): MembershipChange {
    this.#bootstrap = [];
    return this.#rebuild();
  }

  #rebuild(): MembershipChange {
    const before = this.#byPeerId;
    this.#byPeerId = new Map();
    this.#byHospital = new Map();
    for (const peer of this.#named) this.#admit({ peer, syncOnly: peer.syncOnly === true });
    for (const peer of this.#bootstrap) this.#admit({ peer, syncOnly: true });
    assert(this.#byPeerId.size <= NETWORK_LIMITS.peersMax, 'the consortium fits in peersMax');

    const sameHospital = (a: Member, b: Member | undefined): boolean =>
      b !== undefined && toHex(a.peer.hospital) === toHex(b.peer.hospital);
    const now = this.members();
    return {
      added: now.filter((member) => !sameHospital(member, before.get(member.peer.peerId))),
      kept: now.filter((member) => sameHospital(member, before.get(member.peer.peerId))),
      removed: [...before.values()].filter((member) => !sameHospital(member, this.#byPeerId.get(member.peer.peerId))),
    };
  }

  #admit(member: Member): void {
    const { hospital, peerId } = member.peer;
    const id = toHex(hospital);
    if (id === toHex(this.#self) || peerId === this.#selfPeerId) return;
    if (this.#byPeerId.has(peerId) || this.#byHospital.has(id)) return;
    this.#byPeerId.set(peerId, member);
    this.#byHospital.set(id, member);
  }
}

import type { PeerId } from '@libp2p/interface';
import { describe, expect, it } from 'vitest';
import { dialTargets } from '../../src/network/dial-targets.ts';
import { createGater } from '../../src/network/gater.ts';
import { NETWORK_LIMITS } from '../../src/network/limits.ts';
import type { Peer } from '../../src/network/network.ts';
import { peerIdOf } from '../../src/network/peer-key.ts';
import { PeerSet } from '../../src/network/peer-set.ts';
import { address } from './harness.ts';

const peer = (n: number, peerId = `peer-${n}`, addresses: readonly string[] = []): Peer => ({
  hospital: address(n),
  peerId,
  addresses,
});
const SELF = peer(1);
const setOf = (...bootstrap: Peer[]): PeerSet => new PeerSet(SELF.hospital, SELF.peerId, bootstrap);
const ids = (members: readonly { readonly peer: Peer }[]): string[] => members.map((member) => member.peer.peerId);

describe('the peer set', () => {
  it('says what a new set adds, keeps and removes', () => {
    const set = setOf();
    expect(ids(set.set([peer(2), peer(3)]).added)).toEqual(['peer-2', 'peer-3']);
    const change = set.set([peer(3, 'peer-3', ['/new']), peer(4)]);
    expect([ids(change.added), ids(change.kept), ids(change.removed)]).toEqual([['peer-4'], ['peer-3'], ['peer-2']]);
    expect(set.byPeerId('peer-3')?.peer.addresses).toEqual(['/new']);
    expect(set.byHospital(address(2))).toBeUndefined();
  });

  it('never holds this node, by its address or by its peer id', () => {
    const set = setOf();
    set.set([peer(1, 'other'), peer(2, SELF.peerId)]);
    expect(set.size).toBe(0);
  });

  it('counts a peer id or a hospital that is named twice once', () => {
    const set = setOf();
    set.set([peer(2), peer(3, 'peer-2'), peer(2, 'peer-9')]);
    expect(ids(set.members())).toEqual(['peer-2']);
    expect(set.byHospital(address(3))).toBeUndefined();
  });

  it('takes a new peer id of a hospital as another peer', () => {
    const set = setOf();
    set.set([peer(2)]);
    const change = set.set([peer(2, 'rotated')]);
    expect([ids(change.added), ids(change.kept), ids(change.removed)]).toEqual([['rotated'], [], ['peer-2']]);
  });

  it('takes a peer id that moved to another hospital as another peer', () => {
    const set = setOf();
    set.set([peer(2)]);
    const change = set.set([peer(3, 'peer-2')]);
    expect([ids(change.added), ids(change.removed)]).toEqual([['peer-2'], ['peer-2']]);
  });

  it('holds bootstrap peers for sync only, until the chain names them or they are forgotten', () => {
    const set = setOf(peer(2), peer(3));
    expect(set.byPeerId('peer-2')?.syncOnly).toBe(true);
    set.set([peer(2)]);
    expect([set.byPeerId('peer-2')?.syncOnly, set.byPeerId('peer-3')?.syncOnly]).toEqual([false, true]);
    expect(ids(set.forgetBootstrap().removed)).toEqual(['peer-3']);
  });

  it('holds a peer that the chain names for sync only as such, until it names it in full', () => {
    const set = setOf();
    set.set([{ ...peer(2), syncOnly: true }]);
    expect(set.byPeerId('peer-2')?.syncOnly).toBe(true);
    expect(ids(set.set([peer(2)]).kept)).toEqual(['peer-2']);
    expect(set.byPeerId('peer-2')?.syncOnly).toBe(false);
  });

  it('stops the node rather than hold more peers than its limit', () => {
    const peers = Array.from({ length: NETWORK_LIMITS.peersMax + 1 }, (_, i) => ({
      ...peer(2, `member-${i}`),
      hospital: new Uint8Array(20)
        .fill(5)
        .with(0, i >> 8)
        .with(1, i & 255) as Peer['hospital'],
    }));
    setOf().set(peers.slice(1));
    expect(() => setOf().set(peers)).toThrow('peersMax');
  });
});

describe('the gater', () => {
  it('denies strangers in both directions and at every check, and counts them', () => {
    const set = setOf();
    set.set([peer(2)]);
    const refused: string[] = [];
    const gater = createGater(set, (peerId) => refused.push(peerId));
    const id = (text: string): PeerId => ({ toString: () => text }) as PeerId;
    const checks = ['denyDialPeer', 'denyInboundEncryptedConnection', 'denyOutboundEncryptedConnection'] as const;
    for (const check of checks) {
      expect(gater[check]?.(id('peer-2'), undefined as never)).toBe(false);
      expect(gater[check]?.(id('stranger'), undefined as never)).toBe(true);
    }
    expect(refused).toEqual(['stranger', 'stranger', 'stranger']);
    set.set([]);
    expect(gater.denyDialPeer?.(id('peer-2'))).toBe(true);
  });
});

describe('dial targets', () => {
  const peerId = peerIdOf(new Uint8Array(32).fill(2));

  it('end in the peer id of the record, whatever the address says', () => {
    const other = peerIdOf(new Uint8Array(32).fill(3));
    const targets = dialTargets(peerId, ['/ip4/10.0.0.1/tcp/9', `/dns4/h.example/tcp/9/p2p/${other}`]);
    expect(targets.map(String)).toEqual([`/ip4/10.0.0.1/tcp/9/p2p/${peerId}`, `/dns4/h.example/tcp/9/p2p/${peerId}`]);
  });

  it('skip what is no address, and stop at the limit', () => {
    expect(dialTargets(peerId, ['nonsense', '', '/ip4/10.0.0.1/tcp/9'])).toHaveLength(1);
    expect(dialTargets('not a peer id', ['/ip4/10.0.0.1/tcp/9'])).toEqual([]);
    const many = Array.from({ length: 99 }, (_, i) => `/ip4/10.0.0.1/tcp/${i + 1}`);
    expect(dialTargets(peerId, many)).toHaveLength(NETWORK_LIMITS.addressesPerPeerMax);
  });
});

import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { hospitalIds, hospitals } from '../ledger/state/tables.ts';
import type { Peer } from '../network/network.ts';

/** Where a hospital is reached now, where that is not what its record says. */
export interface AddressOverride {
  /** The hospital's id in hexadecimal, as in node.json. */
  readonly hospital: string;
  readonly addresses: readonly string[];
}

/**
 * The consortium's peers: the hospitals of the chain but this one. Those that are active; and those under vote, who may read the chain that
 * they ask to join and nothing else (F4). Only the chain says who is a peer; the node's own configuration may say where.
 */
export function peersOf(
  state: StateReader,
  self: Address,
  overrides: readonly AddressOverride[] = [],
): readonly Peer[] {
  const elsewhere = new Map(overrides.map(({ hospital, addresses }) => [hospital, addresses] as const));
  return (hospitalIds.get(state, 'all') ?? []).flatMap((id) => {
    const row = hospitals.get(state, toHex(id));
    if (row === undefined || equal(id, self) || !(row.status === 'active' || row.status === 'pending')) return [];
    const { peerId, addresses } = row.record;
    const peer = { hospital: id as Address, peerId, addresses: elsewhere.get(toHex(id)) ?? addresses };
    return [row.status === 'pending' ? { ...peer, syncOnly: true } : peer];
  });
}

/** Those that take part: whom this node counts on, hears and tells. */
export const activePeers = (peers: readonly Peer[]): readonly Peer[] =>
  peers.filter(({ syncOnly }) => syncOnly !== true);

/** Whether a block may have changed the peers. */
export const touchesPeers = (changes: ReadonlyMap<string, Uint8Array | null>): boolean =>
  [...changes.keys()].some((key) => key.startsWith('hospital/') || key.startsWith('hospitals/'));

import { join } from 'node:path';
import { addressText } from '../base/digest.ts';
import { type NodeConfig, readNodeConfig, writeNodeConfig } from '../node/config.ts';
import type { Consortium } from './consortium.ts';
import { NODE_FILE } from './layout.ts';
import { nextFreePort } from './ports.ts';

/** Documented defaults: APIs at 8701, 8702, …; peers at 9701, 9702, … */
export const API_PORT_FIRST = 8_701;
export const PEER_PORT_FIRST = 9_701;

/**
 * Writes every node's ports for the coming start: the usual ones where they are free, else the next above. The chain names a node's usual
 * address for its peers; where it had to move, the others' configuration says where it is.
 */
export async function choosePorts(consortium: Consortium, apiPortFirst: number): Promise<void> {
  const taken = new Set<number>();
  const places: { path: string; config: NodeConfig; hospital: string; hasMoved: boolean }[] = [];
  for (const { number, id, folder } of consortium.hospitals) {
    const path = join(folder, NODE_FILE);
    const before = await readNodeConfig(path);
    const usual = consortium.genesis.hospitals[number - 1]?.addresses ?? before.listen;
    const listen = await Promise.all(usual.map((address) => freeAddress(address, taken)));
    const port = apiPortFirst === 0 ? 0 : await nextFreePort(apiPortFirst + number - 1, taken);
    taken.add(port);
    const config = { ...before, listen, api: { ...before.api, port } };
    places.push({ path, config, hospital: addressText(id), hasMoved: listen.join() !== usual.join() });
  }
  const moved = places.filter(({ hasMoved }) => hasMoved);
  const peers = moved.map(({ hospital, config }) => ({ hospital, addresses: config.listen }));
  for (const { path, config } of places) await writeNodeConfig(path, { ...config, peers });
}

/** The address, with the next free port in place of its own where that is taken. */
async function freeAddress(address: string, taken: Set<number>): Promise<string> {
  const match = /^(\/ip4\/127\.0\.0\.1\/tcp\/)([1-9]\d{0,4})$/.exec(address);
  if (match === null) return address;
  const port = await nextFreePort(Number(match[2]), taken);
  taken.add(port);
  return `${match[1]}${port}`;
}

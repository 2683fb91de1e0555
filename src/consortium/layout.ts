import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The data folder of a consortium on one machine:
 *
 *   genesis.json       the constitution; written last, so that its presence says that all is there
 *   hospital-1 …       a node's data folder each (storage/data-folder.ts), with genesis.json, node.json, keys.json
 *   accounts/          key files of the demo accounts
 *   logs/              what the nodes print
 */
export const GENESIS_FILE = 'genesis.json';
export const NODE_FILE = 'node.json';
export const KEYS_FILE = 'keys.json';
/** What a hospital that asks to join hands to a member: public alone. */
export const CANDIDATE_FILE = 'candidate.json';

export const genesisPath = (data: string): string => join(data, GENESIS_FILE);
/** `number` counts from 1. */
export const hospitalFolder = (data: string, number: number): string => join(data, memberName(number));
export const memberName = (number: number): string => `hospital-${number}`;
export const accountsFolder = (data: string): string => join(data, 'accounts');
export const logPath = (data: string, number: number): string => join(data, 'logs', `${memberName(number)}.log`);

export const hasConsortium = (data: string): boolean => existsSync(genesisPath(data));

/** Numbers of the hospitals whose folders are there, ascending. */
export async function hospitalNumbers(data: string): Promise<readonly number[]> {
  const names = await readdir(data).catch(() => [] as string[]);
  return names
    .flatMap((name) => {
      const match = /^hospital-([1-9]\d{0,3})$/.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

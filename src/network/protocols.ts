import type { Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Channel, RequestKind } from './network.ts';

export const CHANNELS: readonly Channel[] = ['consensus', 'transactions'];
export const REQUEST_KINDS: readonly RequestKind[] = ['status', 'blocks', 'blob', 'envelope', 'fragment', 'duty'];
/** What a node may ask and answer before it knows the consortium's peers from its own chain (CHAIN.md, "Starting"). */
export const SYNC_KINDS: readonly RequestKind[] = ['status', 'blocks'];

/** Enough of the chain id that two chains never share a name by accident; signatures bind all of it. */
const CHAIN_PREFIX_BYTES = 16;

/** The names that this chain's nodes speak under. A node of another chain negotiates none of them. */
export interface Protocols {
  /** Of identify, without slashes at the ends. */
  readonly prefix: string;
  readonly topic: string;
  of(name: Channel | RequestKind): string;
}

export function protocolsOf(chainId: Hash): Protocols {
  const prefix = `carechain/${toHex(chainId.subarray(0, CHAIN_PREFIX_BYTES))}`;
  return { prefix, topic: `/${prefix}/announcements/1`, of: (name) => `/${prefix}/${name}/1` };
}

import type { Address, Height } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import type { SignedVote } from '../consensus/vote.ts';
import type { Network } from '../network/network.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import { PROTOCOL_LIMITS } from '../protocol/limits.ts';
import {
  type CertifiedBlock,
  decodeBlocksRequest,
  decodeStatusAnswer,
  encodeBlocksAnswer,
  encodeBlocksRequest,
  encodeStatusAnswer,
  type StatusAnswer,
} from '../protocol/wire.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import { NodeError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';

const NO_BODY = new Uint8Array(0);

/** This node's newest final block, and the newest votes of whoever asks. */
export function answerStatus(chain: ChainStore, votes: readonly SignedVote[]): Uint8Array {
  const tip = chain.tip();
  if (tip === undefined) throw new NodeError('node.not-started');
  return encodeStatusAnswer({ ...tip, votes });
}

/** As many of the blocks asked for as are here and fit one answer, from the first on. */
export async function answerBlocks(chain: ChainStore, body: Uint8Array): Promise<Uint8Array> {
  const request = decodeBlocksRequest(body);
  if (!request.ok) throw new NodeError('duty.malformed');
  const { from, count } = request.value;
  const blocks: CertifiedBlock[] = [];
  let bytes = 0;
  for (let at = from; at < from + count && bytes < PROTOCOL_LIMITS.rangeBytesMax; at++) {
    const [block, certificate] = await Promise.all([chain.block(at as Height), chain.certificate(at as Height)]);
    // Genesis has no certificate and travels as a file.
    if (block === undefined || certificate === undefined) break;
    blocks.push({ block, certificate });
    bytes += block.length;
  }
  return encodeBlocksAnswer(blocks);
}

export async function askStatus(network: Network, peer: Address): Promise<StatusAnswer> {
  const answer = await whole(network.request(peer, 'status', NO_BODY, NODE_LIMITS.statusTimeoutMs));
  const status = decodeStatusAnswer(answer);
  if (!status.ok) throw new NodeError('duty.malformed');
  return status.value;
}

export function askBlocks(
  network: Network,
  { peer, from, count }: Extract<ReplicaEffect, { type: 'requestBlocks' }>,
): Promise<Uint8Array> {
  const body = encodeBlocksRequest({ from, count });
  return whole(network.request(peer, 'blocks', body, NODE_LIMITS.blocksTimeoutMs));
}

/** An answer in one piece; its kind's limit bounds it. */
export async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all.length === 1 ? (all[0] as Uint8Array) : concat(...all);
}

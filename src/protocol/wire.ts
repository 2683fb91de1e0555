import type { Hash, Height } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { BaseCode } from '../base/codes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CERTIFICATE_BYTES_MAX } from '../consensus/certificate.ts';
import { type SignedVote, signedVoteShape } from '../consensus/vote.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

/**
 * What replicas say to each other beside the engine's own messages. Every message is canonical and bounded; the answer to a
 * request carries no number of its own, since a stream answers one request.
 */

/** "My newest final block": an announcement. A claim until its block is verified. */
export interface Status {
  readonly height: Height;
  readonly hash: Hash;
}

/** The answer to a status request. `votes`: the newest of whoever asks, as they were signed. They prove themselves. */
export interface StatusAnswer extends Status {
  readonly votes: readonly SignedVote[];
}

/** Blocks `from` to `from + count − 1`. The answer may hold fewer, in order, from the first on. */
export interface BlocksRequest {
  readonly from: Height;
  readonly count: number;
}

/** A final block as it is stored and served. */
export interface CertifiedBlock {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
}

const statusShape: shape.Shape<Status> = shape.struct({ height: shape.heightShape, hash: shape.hash });
const statusAnswerShape: shape.Shape<StatusAnswer> = shape.struct({
  hash: shape.hash,
  votes: shape.list(signedVoteShape, PROTOCOL_LIMITS.statusVotesMax),
  height: shape.heightShape,
});
const batchShape = shape.list(shape.bytes(1, LIMITS.transactionBytesMax), PROTOCOL_LIMITS.batchTransactionsMax, 1);
const requestShape: shape.Shape<BlocksRequest> = shape.struct({
  from: shape.heightShape,
  count: shape.uint(PROTOCOL_LIMITS.rangeBlocksMax),
});
const answerShape: shape.Shape<readonly CertifiedBlock[]> = shape.list(
  shape.struct({ block: shape.bytes(1, LIMITS.blockBytesMax), certificate: shape.bytes(1, CERTIFICATE_BYTES_MAX) }),
  PROTOCOL_LIMITS.rangeBlocksMax,
);

const read =
  <T>(valueShape: shape.Shape<T>, bytesMax: number) =>
  (bytes: Uint8Array): Result<T, BaseCode> => {
    const value = decode(bytes, bytesMax);
    return value.ok ? valueShape(value.value, '') : value;
  };

export const encodeStatus = (status: Status): Uint8Array => encode(status as unknown as Canonical);
export const decodeStatus = read(statusShape, PROTOCOL_LIMITS.statusBytesMax);

export const encodeStatusAnswer = (answer: StatusAnswer): Uint8Array => encode(answer as unknown as Canonical);
export const decodeStatusAnswer = read(statusAnswerShape, PROTOCOL_LIMITS.statusAnswerBytesMax);

export const encodeBatch = (transactions: readonly Uint8Array[]): Uint8Array => encode(transactions);
export const decodeBatch = read(batchShape, PROTOCOL_LIMITS.batchBytesMax);

export const encodeBlocksRequest = (request: BlocksRequest): Uint8Array => encode(request as unknown as Canonical);
export const decodeBlocksRequest = read(requestShape, PROTOCOL_LIMITS.statusBytesMax);

/** As many of the blocks, from the first on, as one answer may hold. */
export function encodeBlocksAnswer(blocks: readonly CertifiedBlock[]): Uint8Array {
  const fitting: CertifiedBlock[] = [];
  let bytes = LIST_OVERHEAD_BYTES;
  for (const block of blocks.slice(0, PROTOCOL_LIMITS.rangeBlocksMax)) {
    bytes += block.block.length + block.certificate.length + ENTRY_OVERHEAD_BYTES;
    if (bytes > PROTOCOL_LIMITS.rangeBytesMax) break;
    fitting.push(block);
  }
  return encode(fitting as unknown as Canonical);
}
export const decodeBlocksAnswer = read(answerShape, PROTOCOL_LIMITS.rangeBytesMax);

/** Splits transactions into messages that each fit the channel. */
export function splitBatches(transactions: readonly Uint8Array[]): readonly Uint8Array[] {
  const batches: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let bytes = LIST_OVERHEAD_BYTES;
  for (const transaction of transactions) {
    const size = transaction.length + HEAD_BYTES_MAX;
    const full = open.length === PROTOCOL_LIMITS.batchTransactionsMax || bytes + size > PROTOCOL_LIMITS.batchBytesMax;
    if (full) {
      batches.push(encodeBatch(open));
      open = [];
      bytes = LIST_OVERHEAD_BYTES;
    }
    open.push(transaction);
    bytes += size;
  }
  if (open.length > 0) batches.push(encodeBatch(open));
  return batches;
}

/** Upper bounds of what CBOR adds: a head is at most 9 bytes, the field names of a block's entry 18 with theirs. */
const HEAD_BYTES_MAX = 9;
const LIST_OVERHEAD_BYTES = 16;
const ENTRY_OVERHEAD_BYTES = 48;

import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { BaseCode } from '../base/codes.ts';
import { LIMITS } from '../base/limits.ts';
import { ok, type Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { type Header, headerShape } from './header.ts';

/** A block as it travels and is stored. Transactions and evidence stay the bytes that their hashes cover. */
export interface Block {
  readonly header: Header;
  readonly transactions: readonly Uint8Array[];
  readonly evidence: readonly Uint8Array[];
}

/** Pieces of evidence that one block carries. */
export const BLOCK_EVIDENCE_MAX = 32;
const EVIDENCE_BYTES_MAX = 4_096;

const blockShape = shape.struct({
  header: headerShape,
  transactions: shape.list(shape.bytes(1, LIMITS.transactionBytesMax), LIMITS.blockTransactionsMax),
  evidence: shape.list(shape.bytes(1, EVIDENCE_BYTES_MAX), BLOCK_EVIDENCE_MAX),
}) as shape.Shape<Block>;

export const encodeBlock = (block: Block): Uint8Array => encode(block as unknown as Canonical);

export function decodeBlock(bytes: Uint8Array): Result<Block, BaseCode> {
  const value = decode(bytes, LIMITS.blockBytesMax);
  return value.ok ? blockShape(value.value, '') : value;
}

export const decodeHeaderOf = (bytes: Uint8Array): Result<Header, BaseCode> => {
  const block = decodeBlock(bytes);
  return block.ok ? ok(block.value.header) : block;
};

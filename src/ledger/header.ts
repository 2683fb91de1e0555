import type { Address, Hash, Height, TimestampMs } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import * as shape from '../base/shape.ts';

export const BLOCK_VERSION = 1;

/** A dozen fields and their names. */
const HEADER_BYTES_MAX = 1_024;

/** What a block's hash covers (CHAIN.md, "Block"). Round and seals are no part of it: a re-proposal keeps its hash. */
export interface Header {
  readonly version: number;
  readonly chainId: Hash;
  readonly height: Height;
  /** Hash of the parent's header: the chain's link (F15). */
  readonly parentHash: Hash;
  /** Exceeds the parent's. The only clock that policies see. */
  readonly timestampMs: TimestampMs;
  /** Id of the hospital that built the block. A re-proposal by another leader keeps its builder. */
  readonly proposer: Address;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  /** Root of the state after this block. */
  readonly stateRoot: Hash;
  /** The set that decides this block. */
  readonly validatorsHash: Hash;
  /** The set that decides the next one. */
  readonly nextValidatorsHash: Hash;
  readonly evidenceRoot: Hash;
  readonly gasUsed: number;
}

export const headerShape = shape.struct({
  version: shape.uint(),
  chainId: shape.hash,
  height: shape.heightShape,
  parentHash: shape.hash,
  timestampMs: shape.timestampShape,
  proposer: shape.address,
  transactionsRoot: shape.hash,
  receiptsRoot: shape.hash,
  stateRoot: shape.hash,
  validatorsHash: shape.hash,
  nextValidatorsHash: shape.hash,
  evidenceRoot: shape.hash,
  gasUsed: shape.uint(),
}) as shape.Shape<Header>;

export const headerHash = (primitives: Primitives, header: Header): Hash =>
  primitives.hash(encode(header as unknown as Canonical));

/** Where an encoded header stands, for proofs that lead from block to block; undefined where the bytes are no header. */
export function readHeaderLink(
  primitives: Primitives,
  bytes: Uint8Array,
): { readonly height: Height; readonly hash: Hash; readonly parentHash: Hash } | undefined {
  const value = decode(bytes, HEADER_BYTES_MAX);
  const header = value.ok ? headerShape(value.value, '') : value;
  if (!header.ok) return undefined;
  return { height: header.value.height, hash: primitives.hash(bytes), parentHash: header.value.parentHash };
}

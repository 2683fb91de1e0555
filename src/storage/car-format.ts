import * as dagCbor from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import type { Hash, Height } from '../base/brand.ts';
import { concat, equal } from '../base/bytes.ts';
import { sha256 } from './checksum.ts';

/*
 * A chain as a CAR v1 file (docs/specification/chain-car.md). Every section is a DAG-CBOR block in the order of a
 * walk from the root:
 *
 *   header      { roots: [manifest], version: 1 }
 *   manifest    { version, chainId, from, to, entries: [list, …] }
 *   for each list: the list [[block, certificate, receipts], …], then for each of its heights the three
 *
 * A link is followed by its block each time it occurs, also where two heights have equal receipts. So the reader
 * knows the next CID always, holds one list at a time, and accepts exactly one file for a chain.
 */
export const CHAIN_CAR_VERSION = 1;

export interface ChainManifest {
  readonly version: number;
  /** SHA-256 of the genesis file, which is not in here. */
  readonly chainId: Hash;
  readonly from: Height;
  readonly to: Height;
  readonly entries: readonly CID[];
}

/** The three blocks of a height, or their CIDs. */
export type HeightLinks = readonly [block: CID, certificate: CID, receipts: CID];

const SHA2_256 = 0x12;
/** 0x01 (CIDv1) ‖ 0x71 (dag-cbor) ‖ 0x12 0x20 (SHA-256, 32 bytes) ‖ digest. */
export const CAR_CID_BYTES = 36;

export const cidOf = (bytes: Uint8Array): CID => CID.createV1(dagCbor.code, Digest.create(SHA2_256, sha256(bytes)));

export const encodeManifest = (manifest: ChainManifest): Uint8Array => dagCbor.encode(manifest);
export const encodeList = (list: readonly HeightLinks[]): Uint8Array => dagCbor.encode(list);

/** `undefined` for bytes that are not the one encoding of a manifest. */
export function decodeManifest(bytes: Uint8Array): ChainManifest | undefined {
  const value = decodeExact(bytes) as Partial<ChainManifest> | undefined;
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 5) return undefined;
  const { version, chainId, from, to, entries } = value;
  if (!isCount(version) || !isCount(from) || !isCount(to) || from < 1 || to < from) return undefined;
  if (!(chainId instanceof Uint8Array) || chainId.length !== 32) return undefined;
  if (!Array.isArray(entries) || !entries.every(isLink)) return undefined;
  return { version, chainId: chainId as Hash, from: from as Height, to: to as Height, entries };
}

/** `undefined` for bytes that are not the one encoding of a list of `heights` heights. */
export function decodeList(bytes: Uint8Array, heights: number): readonly HeightLinks[] | undefined {
  const value = decodeExact(bytes);
  if (!Array.isArray(value) || value.length !== heights) return undefined;
  const isEntry = (entry: unknown) => Array.isArray(entry) && entry.length === 3 && entry.every(isLink);
  return value.every(isEntry) ? (value as HeightLinks[]) : undefined;
}

/**
 * The decoder is lenient, and recursive: what it takes must encode to the same bytes, and a stack overflow is a
 * refusal too.
 */
function decodeExact(bytes: Uint8Array): unknown {
  try {
    const value: unknown = dagCbor.decode(bytes);
    return equal(dagCbor.encode(value), bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isLink = (value: unknown): value is CID => {
  const cid = CID.asCID(value);
  return cid !== null && cid.code === dagCbor.code && cid.bytes.length === CAR_CID_BYTES;
};

/** Unsigned LEB128, shortest form. */
export function encodeVarint(n: number): Uint8Array {
  const bytes: number[] = [];
  for (; n >= 0x80; n = Math.floor(n / 0x80)) bytes.push((n % 0x80) | 0x80);
  return Uint8Array.from([...bytes, n]);
}

export function encodeCarHeader(root: CID): Uint8Array {
  const header = dagCbor.encode({ roots: [root], version: 1 });
  return concat(encodeVarint(header.length), header);
}

/** What stands before a section's bytes. */
export const sectionHead = (cid: CID, bytes: number): Uint8Array =>
  concat(encodeVarint(CAR_CID_BYTES + bytes), cid.bytes);

const HEADER_TEMPLATE = encodeCarHeader(cidOf(new Uint8Array(0)));
/** A header of ours, whatever its root. */
export const CAR_HEADER_BYTES = HEADER_TEMPLATE.length;
/**
 * After the root stand the text "version" (1 + 7 bytes) and the integer 1; before its digest, the four bytes all our
 * CIDs share.
 */
const ROOT_AT = CAR_HEADER_BYTES - 9 - CAR_CID_BYTES;
const DIGEST_AT = ROOT_AT + 4;

/** The root's CID, or `undefined` for any other header than `encodeCarHeader` makes. */
export function decodeCarHeader(bytes: Uint8Array): Uint8Array | undefined {
  const root = bytes.slice(ROOT_AT, ROOT_AT + CAR_CID_BYTES);
  const expected = HEADER_TEMPLATE.slice();
  expected.set(bytes.subarray(DIGEST_AT, DIGEST_AT + 32), DIGEST_AT);
  return equal(bytes, expected) ? root : undefined;
}

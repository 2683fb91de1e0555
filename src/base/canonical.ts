import * as dagCbor from '@ipld/dag-cbor';
import { equal } from './bytes.ts';
import { decodePlain, encodePlain } from './cbor-plain.ts';
import { scanCbor } from './cbor-scan.ts';
import type { BaseCode } from './codes.ts';
import { LIMITS } from './limits.ts';
import { ok, type Result, refuse } from './result.ts';

/** What the chain encodes: DAG-CBOR without floats, tags and links. Map keys sort by length, then by bytes. */
export type Canonical =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [field: string]: Canonical };

/**
 * The one encoding of a value (CHAIN.md, "Bytes"). Throws on what has no encoding: that is a bug of the caller.
 * Under Node the library answers some values with a Buffer, whose `slice` is no copy: the same memory is given as plain bytes.
 */
export function encode(value: Canonical): Uint8Array {
  const plain = encodePlain(value);
  if (plain !== undefined) return plain;
  const bytes = dagCbor.encode(value);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The value of canonical bytes. Size and depth are checked before the decoder sees a byte, and the value must encode to
 * the same bytes again: unsorted or repeated keys, long integers and invalid UTF-8 all fail there.
 */
export function decode(bytes: Uint8Array, bytesMax: number): Result<unknown, BaseCode> {
  if (bytes.length === 0) return refuse('encoding.empty');
  if (bytes.length > bytesMax) return refuse('encoding.too-large', { bytes: bytes.length, bytesMax });
  const plain = decodePlain(bytes);
  if (plain !== undefined) return ok(plain.value);
  const scanned = scanCbor(bytes, LIMITS.encodingDepthMax, LIMITS.encodingItemsMax);
  if (!scanned.ok) return scanned;
  try {
    const value: unknown = dagCbor.decode(bytes);
    return equal(encode(value as Canonical), bytes) ? ok(value) : refuse('encoding.not-canonical');
  } catch {
    return refuse('encoding.malformed');
  }
}

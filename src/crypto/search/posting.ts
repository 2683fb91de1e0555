import { assert } from '../../base/assert.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';

/*
 * One entry's content, always 37 bytes: u32be(length of the padded list) ‖ 1 and a record's id, or 0 and zeros. AES-256-GCM under
 * the keyword's value key, nonce = position, associated data = the index's name: an entry opens at its place and nowhere else.
 * The length in every entry lets the device notice that entries were left out.
 */
export const RECORD_REFERENCE_BYTES = 32;
const PLAIN_BYTES = 4 + 1 + RECORD_REFERENCE_BYTES;
const TAG_BYTES = 16;
export const ENTRY_BYTES = PLAIN_BYTES + TAG_BYTES;

export interface PostingPlace {
  readonly valueKey: Uint8Array;
  readonly position: number;
  readonly bound: Uint8Array;
}

export interface Posting {
  /** Entries of the whole list, padding included. */
  readonly length: number;
  readonly record: Uint8Array | undefined;
}

export function sealPosting(primitives: Primitives, place: PostingPlace, { length, record }: Posting): Uint8Array {
  assert(record === undefined || record.length === RECORD_REFERENCE_BYTES, 'a record is named by 32 bytes');
  const plain = new Uint8Array(PLAIN_BYTES);
  new DataView(plain.buffer).setUint32(0, length);
  if (record !== undefined) {
    plain[4] = 1;
    plain.set(record, 5);
  }
  return primitives.seal(place.valueKey, nonceAt(place.position), plain, place.bound);
}

export function openPosting(
  primitives: Primitives,
  place: PostingPlace,
  sealed: Uint8Array,
): Result<Posting, CryptoCode> {
  const plain = primitives.open(place.valueKey, nonceAt(place.position), sealed, place.bound);
  if (plain === undefined || plain.length !== PLAIN_BYTES) return refuse('crypto-search.damaged');
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  return ok({ length, record: plain[4] === 1 ? plain.slice(5) : undefined });
}

/** A value key serves one build, and each position once: the nonce never repeats under it. */
function nonceAt(position: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, position);
  return nonce;
}

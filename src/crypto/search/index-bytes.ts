import { compareBytes } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { INDEX_ENTRY_BYTES } from './index-build.ts';
import { type IndexName, LABEL_BYTES } from './keys.ts';
import type { StoredIndex } from './trapdoor.ts';

/** The bytes of `encodeIndex`, read as they lie: whole entries in the strict order of their labels, so that a label is found by halving. */
export function readIndex(name: IndexName, bytes: Uint8Array): Result<StoredIndex, CryptoCode> {
  if (bytes.length % INDEX_ENTRY_BYTES !== 0) return refuse('crypto-search.index-malformed');
  const count = bytes.length / INDEX_ENTRY_BYTES;
  const labelAt = (n: number): Uint8Array => bytes.subarray(n * INDEX_ENTRY_BYTES, n * INDEX_ENTRY_BYTES + LABEL_BYTES);
  for (let n = 1; n < count; n++)
    if (compareBytes(labelAt(n - 1), labelAt(n)) >= 0) return refuse('crypto-search.index-malformed');

  const find = (label: Uint8Array): Uint8Array | undefined => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareBytes(labelAt(middle), label);
      if (order === 0) return bytes.slice(middle * INDEX_ENTRY_BYTES + LABEL_BYTES, (middle + 1) * INDEX_ENTRY_BYTES);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  };
  return ok({ name, find });
}

import { assert } from '../../base/assert.ts';
import { compareBytes, concat } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import {
  fillerKeys,
  type IndexName,
  indexKey,
  indexNameBytes,
  type KeywordKeys,
  keywordKeys,
  labelAt,
} from './keys.ts';
import { normaliseKeyword } from './keyword.ts';
import { type Padding, paddedLength } from './padding.ts';
import { ENTRY_BYTES, sealPosting } from './posting.ts';

/** A record, by the 32 bytes of its id on chain. */
export type RecordReference = Uint8Array;

/** What the patient's device knows: for each keyword, the records that it opened and found it in. */
export type Postings = ReadonlyMap<string, readonly RecordReference[]>;

/** All that a node holds of an index: equal lengths under labels that look random, in the labels' order. */
export interface IndexEntry {
  readonly label: Uint8Array;
  readonly sealed: Uint8Array;
}

/** What one entry costs a node. */
export const INDEX_ENTRY_BYTES = 16 + ENTRY_BYTES;

/**
 * The index of one hospital and epoch. Lists are padded; entries of no keyword fill up to a power of two, so that even the size
 * of the whole is coarse. `name.build` is fresh random bytes: nonces are positions, so a build's keys serve once.
 */
export function buildIndex(
  primitives: Primitives,
  { identityRoot, name, padding }: { identityRoot: Uint8Array; name: IndexName; padding: Padding },
  postings: Postings,
): Result<readonly IndexEntry[], CryptoCode> {
  const lists = listsOf(postings, padding);
  if (!lists.ok) return lists;
  const key = indexKey(identityRoot, name);
  const bound = indexNameBytes(name);
  const entries: IndexEntry[] = [];
  const put = (keys: KeywordKeys, position: number, length: number, record: RecordReference | undefined) => {
    const label = labelAt(keys.labelKey, position);
    const sealed = sealPosting(primitives, { valueKey: keys.valueKey, position, bound }, { length, record });
    entries.push({ label, sealed });
  };
  for (const { keyword, records, length } of lists.value) {
    const keys = keywordKeys(key, keyword);
    for (let position = 0; position < length; position++) put(keys, position, length, records[position]);
  }
  if (padding !== 'none' && entries.length > 0) {
    const keys = fillerKeys(key);
    const fillers = paddedLength(entries.length, 'power-of-two') - entries.length;
    for (let position = 0; position < fillers; position++) put(keys, position, fillers, undefined);
  }
  // The labels' order, which is random: in the order of keywords the lists would lie side by side.
  return ok(entries.sort((a, b) => compareBytes(a.label, b.label)));
}

interface PaddedList {
  readonly keyword: string;
  readonly records: readonly RecordReference[];
  readonly length: number;
}

/** Every bound, before a key is made. `indexEntriesMax` is a power of two: the fillers do not go beyond it. */
function listsOf(postings: Postings, padding: Padding): Result<readonly PaddedList[], CryptoCode> {
  if (postings.size > CRYPTO_LIMITS.indexKeywordsMax) return refuse('crypto-search.too-many');
  const lists: PaddedList[] = [];
  let entries = 0;
  for (const [keyword, records] of postings) {
    const normal = normaliseKeyword(keyword);
    if (!normal.ok || normal.value !== keyword) return refuse('crypto-search.keyword-malformed');
    if (records.length === 0 || records.length > CRYPTO_LIMITS.postingsMax) return refuse('crypto-search.too-many');
    const length = paddedLength(records.length, padding);
    entries += length;
    if (entries > CRYPTO_LIMITS.indexEntriesMax) return refuse('crypto-search.too-many');
    lists.push({ keyword, records, length });
  }
  return ok(lists);
}

/** The keyword that the patient asks for must be of the one form. Throws on any other: the device normalises first. */
export function keysOfKeyword(identityRoot: Uint8Array, name: IndexName, keyword: string): KeywordKeys {
  const normal = normaliseKeyword(keyword);
  assert(normal.ok && normal.value === keyword, 'a keyword is normalised before it is searched');
  return keywordKeys(indexKey(identityRoot, name), keyword);
}

/** The bytes of an index as one file: what the device uploads. `readIndex` (index-bytes.ts) is the way back. */
export const encodeIndex = (entries: readonly IndexEntry[]): Uint8Array =>
  concat(...entries.flatMap(({ label, sealed }) => [label, sealed]));

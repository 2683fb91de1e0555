import { equal, toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import type { IndexEntry, RecordReference } from './index-build.ts';
import { keysOfKeyword } from './index-build.ts';
import { BUILD_BYTES, type IndexName, indexNameBytes, type KeywordKeys, labelAt } from './keys.ts';
import { ENTRY_BYTES, openPosting } from './posting.ts';

/**
 * One keyword in one index, for the node: it finds that keyword's entries and no other's, in that index and no other. Neither the
 * keyword nor what the entries say can be had from it. It stays off chain, where it would last for ever.
 */
export interface Trapdoor {
  readonly name: IndexName;
  readonly labelKey: Uint8Array;
}

/** Made by the patient's device: the trapdoor goes to the node, the keys stay or go to whoever may read the answer. */
export function makeTrapdoor(
  identityRoot: Uint8Array,
  name: IndexName,
  keyword: string,
): { readonly trapdoor: Trapdoor; readonly keys: KeywordKeys } {
  const keys = keysOfKeyword(identityRoot, name, keyword);
  return { trapdoor: { name, labelKey: keys.labelKey }, keys };
}

export const trapdoorShape: shape.Shape<Trapdoor> = shape.struct({
  name: shape.struct({
    chainId: shape.hash,
    hospital: shape.address,
    epoch: shape.uint(CRYPTO_LIMITS.versionMax),
    build: shape.bytes(BUILD_BYTES),
  }),
  labelKey: shape.bytes(32),
});

/** A node's side: label → sealed bytes, of one index. A host may keep it in a database instead. */
export interface StoredIndex {
  readonly name: IndexName;
  find(label: Uint8Array): Uint8Array | undefined;
}

export function storedIndex(name: IndexName, entries: readonly IndexEntry[]): StoredIndex {
  const rows = new Map(entries.map(({ label, sealed }) => [toHex(label), sealed]));
  return { name, find: (label) => rows.get(toHex(label)) };
}

/** What the node answers: the keyword's entries from position 0, as long as there are some. None says that nothing matches. */
export function matchTrapdoor(
  index: StoredIndex,
  { name, labelKey }: Trapdoor,
): Result<readonly Uint8Array[], CryptoCode> {
  if (!equal(indexNameBytes(index.name), indexNameBytes(name))) return refuse('crypto-search.wrong-index');
  const found: Uint8Array[] = [];
  for (let position = 0; position < MATCHES_MAX; position++) {
    const sealed = index.find(labelAt(labelKey, position));
    if (sealed === undefined) break;
    found.push(sealed);
  }
  return ok(found);
}

/** The longest list that padding can make: `postingsMax`, and one coarse step. */
const MATCHES_MAX = 4 * CRYPTO_LIMITS.postingsMax;

/** The records behind a node's answer, padding dropped. Altered, foreign and missing entries are noticed; an empty answer cannot be. */
export function openMatches(
  primitives: Primitives,
  { name, keys }: { readonly name: IndexName; readonly keys: KeywordKeys },
  answer: readonly Uint8Array[],
): Result<readonly RecordReference[], CryptoCode> {
  if (answer.length > MATCHES_MAX) return refuse('crypto-search.too-many');
  const bound = indexNameBytes(name);
  const records: RecordReference[] = [];
  for (const [position, sealed] of answer.entries()) {
    if (sealed.length !== ENTRY_BYTES) return refuse('crypto-search.damaged');
    const posting = openPosting(primitives, { valueKey: keys.valueKey, position, bound }, sealed);
    if (!posting.ok) return posting;
    if (posting.value.length !== answer.length)
      return refuse('crypto-search.incomplete', { of: posting.value.length, got: answer.length });
    if (posting.value.record !== undefined) records.push(posting.value.record);
  }
  return ok(records);
}

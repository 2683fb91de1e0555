import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Postings } from '../crypto/search/index-build.ts';
import { normaliseKeyword } from '../crypto/search/keyword.ts';
import type { ClientCode } from './codes.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** What the patient's device carries of one record that it opened (F36). */
export interface IndexedRecord {
  readonly record: Uint8Array;
  /** One that keeps its bytes: another hospital fetches them there by itself, once a read is allowed. */
  readonly hospital: Address;
  /** The wallet's own label of the category; null where the record is another person's. */
  readonly label: string | null;
  readonly version: number;
  readonly cid: Uint8Array;
  /** Milliseconds since the Unix epoch, by this device. */
  readonly openedMs: number;
  /** Normalised, each once. */
  readonly keywords: readonly string[];
}

/** The search index that a hospital holds of this one: which epoch and build its trapdoors must be made for. */
export interface SearchState {
  readonly hospital: Address;
  readonly epoch: number;
  readonly build: Uint8Array;
}

/**
 * The patient's index of all records that the own devices opened, at whichever hospital. It is a value: each change gives a new one, and
 * the caller keeps it, as the file of `medical-index-file.ts`. It holds medical words in plain text: never store it otherwise.
 */
export interface MedicalIndex {
  readonly records: readonly IndexedRecord[];
  readonly searches: readonly SearchState[];
}

export const EMPTY_MEDICAL_INDEX: MedicalIndex = { records: [], searches: [] };

/** The index with this record in it, in place of an earlier opening of it. Words that are no keyword (SE-2), and those beyond the limit, are left out. */
export function rememberRecord(index: MedicalIndex, opened: IndexedRecord): Result<MedicalIndex, ClientCode> {
  const others = index.records.filter(({ record }) => !equal(record, opened.record));
  if (others.length >= CLIENT_LIMITS.indexedRecordsMax)
    return refuse('client-index.too-large', { recordsMax: CLIENT_LIMITS.indexedRecordsMax });
  return ok({ ...index, records: [...others, { ...opened, keywords: keywordsIn(opened.keywords) }] });
}

/** The records in which a keyword was found, the newest opening last. The device answers for itself, and nobody hears of it. */
export function recordsWith(index: MedicalIndex, keyword: string): readonly IndexedRecord[] {
  const normal = normaliseKeyword(keyword);
  return normal.ok ? index.records.filter(({ keywords }) => keywords.includes(normal.value)) : [];
}

/** For each keyword its records: what a search index is built of. */
export function postingsOf({ records }: MedicalIndex): Postings {
  const postings = new Map<string, Uint8Array[]>();
  for (const { record, keywords } of records)
    for (const keyword of keywords) postings.set(keyword, [...(postings.get(keyword) ?? []), record]);
  return postings;
}

/** The index, once a hospital holds what `state` says. Hospitals say themselves who they are: those heard of longest ago are forgotten. */
export const withSearch = (index: MedicalIndex, state: SearchState): MedicalIndex => ({
  ...index,
  searches: [...index.searches.filter(({ hospital }) => !equal(hospital, state.hospital)), state].slice(
    -CLIENT_LIMITS.searchedHospitalsMax,
  ),
});

export const searchAt = ({ searches }: MedicalIndex, hospital: Address): SearchState | undefined =>
  searches.find((state) => toHex(state.hospital) === toHex(hospital));

function keywordsIn(words: readonly string[]): readonly string[] {
  const keywords = new Set<string>();
  for (const word of words) {
    const normal = normaliseKeyword(word);
    if (normal.ok) keywords.add(normal.value);
    if (keywords.size === CLIENT_LIMITS.keywordsPerRecordMax) break;
  }
  return [...keywords];
}

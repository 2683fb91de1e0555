import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { encodeIndex } from '../crypto/search/index-build.ts';
import { BUILD_BYTES, type IndexName } from '../crypto/search/keys.ts';
import { normaliseKeyword } from '../crypto/search/keyword.ts';
import { openMatches } from '../crypto/search/trapdoor.ts';
import { records } from '../ledger/state/tables.ts';
import {
  type IndexedRecord,
  type MedicalIndex,
  postingsOf,
  rememberRecord,
  searchAt,
  withSearch,
} from './medical-index.ts';
import { provenRow } from './proven.ts';
import { refusedAtDoor, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/*
 * Search at a hospital that must not learn what is looked for (docs/specification/search.md, F32). The device carries the words
 * (`medical-index.ts`); the hospital of the session stores them encrypted, and matches trapdoors.
 */

export interface Found {
  readonly record: Uint8Array;
  /** As they come: of FHIR, by `keywordsOf`. */
  readonly keywords: readonly string[];
}

/** After opening a record: the device remembers its words, and the session's hospital gets a new search index. Answers the medical index to keep. */
export async function indexRecord(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
  found: Found,
): Promise<Result<MedicalIndex>> {
  const entry = await indexedRecord(session, wallet, found);
  const remembered = entry.ok ? rememberRecord(index, entry.value) : entry;
  return remembered.ok ? storeSearchIndex(session, wallet, remembered.value) : remembered;
}

/** What the chain proves of a record, with the words that the device found in it: the entry alone, for `rememberRecord`. */
export async function indexedRecord(
  session: Session,
  wallet: Wallet,
  { record, keywords }: Found,
): Promise<Result<IndexedRecord>> {
  const row = await provenRow(session, records, toHex(record));
  if (!row.ok) return row;
  if (row.value === undefined) return refuse('client-record.unknown');
  const { cid, version, category, storedBy } = row.value;
  const here = (await session.api.status()).hospital;
  const hospital = storedBy.find((one) => equal(one, here)) ?? storedBy[0] ?? here;
  const label = wallet.labelOf(category) ?? null;
  return ok({ record, hospital: hospital as Address, label, version, cid, openedMs: session.device.nowMs(), keywords });
}

/** Builds the search index anew and leaves it at the session's hospital: a fresh build each time, so no key serves twice (SE-1). */
export async function storeSearchIndex(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
): Promise<Result<MedicalIndex>> {
  const { hospital } = await session.api.status();
  return storeAt(session, wallet, index, { hospital, epoch: searchAt(index, hospital)?.epoch ?? 0 });
}

/** The next epoch: every trapdoor handed out for the session's hospital matches nothing from here on (SE-7). */
export async function endSearchEpoch(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
): Promise<Result<MedicalIndex>> {
  const { hospital } = await session.api.status();
  const next = (searchAt(index, hospital)?.epoch ?? -1) + 1;
  // At the end of the numbers the new build alone ends the trapdoors.
  return storeAt(session, wallet, index, { hospital, epoch: Math.min(next, CRYPTO_LIMITS.versionMax) });
}

/** The ids of the records with this keyword, by the search index at the session's hospital. Remember the answer: asking again tells that it is the same. */
export async function searchFor(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
  keyword: string,
): Promise<Result<readonly Uint8Array[]>> {
  const { api, device, trust } = session;
  const state = searchAt(index, (await api.status()).hospital);
  if (state === undefined) return refuse('client-index.none-here');
  const normal = normaliseKeyword(keyword);
  if (!normal.ok) return normal;
  const name: IndexName = { chainId: trust.chainId, ...state };
  const { trapdoor, keys } = wallet.trapdoor(name, normal.value);
  const question = { epoch: name.epoch, build: name.build, labelKey: trapdoor.labelKey, category: null };
  const matches = await refusedAtDoor(api.search(wallet.id, question));
  return matches.ok ? openMatches(device.primitives, { name, keys }, matches.value) : matches;
}

type Place = Pick<IndexName, 'hospital' | 'epoch'>;

async function storeAt(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
  { hospital, epoch }: Place,
): Promise<Result<MedicalIndex>> {
  const stored = await upload(session, wallet, index, { hospital, epoch });
  if (stored.ok || stored.rejection.code !== 'node-search.epoch-ended') return stored;
  // Another device of the same person began a later epoch: this one goes on there.
  const later = stored.rejection.detail?.epoch;
  const isLater = typeof later === 'number' && later > epoch && later <= CRYPTO_LIMITS.versionMax;
  return isLater ? upload(session, wallet, index, { hospital, epoch: later }) : stored;
}

async function upload(
  { api, device, trust }: Session,
  wallet: Wallet,
  index: MedicalIndex,
  place: Place,
): Promise<Result<MedicalIndex>> {
  const state = { ...place, build: device.random(BUILD_BYTES) };
  const entries = wallet.searchIndex({ chainId: trust.chainId, ...state }, postingsOf(index));
  if (!entries.ok) return entries;
  const { epoch, build } = state;
  const stored = await refusedAtDoor(api.storeIndex(wallet.id, { epoch, build, entries: encodeIndex(entries.value) }));
  return stored.ok ? ok(withSearch(index, state)) : stored;
}

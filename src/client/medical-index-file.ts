import { decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { BOX_OVERHEAD_BYTES, openCommitted, sealCommitted } from '../crypto/committed-box.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { MEDICAL_INDEX_SALT_BYTES } from '../crypto/medical-index.ts';
import { pad, unpad } from '../crypto/padme.ts';
import { BUILD_BYTES } from '../crypto/search/keys.ts';
import type { Device } from './device.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { IndexedRecord, MedicalIndex } from './medical-index.ts';
import type { Wallet } from './wallet.ts';

/*
 * The medical index as a file, which only the wallet's own root opens (docs/specification/search.md, SE-12): canonical bytes of
 * { version, salt, sealed }; sealed is the committed box of the padded canonical bytes of the index.
 */
const VERSION = 1;
/** No keyword holds one: blanks are joined. One text instead of a list, since canonical bytes bound the number of values. */
const BETWEEN_KEYWORDS = '\n';

const fileShape = shape.struct({
  version: shape.uint(),
  salt: shape.bytes(MEDICAL_INDEX_SALT_BYTES),
  sealed: shape.bytes(BOX_OVERHEAD_BYTES + 1, CLIENT_LIMITS.medicalIndexBytesMax),
});

const keywordsText = shape.text(CLIENT_LIMITS.keywordsPerRecordMax * (CRYPTO_LIMITS.keywordCharactersMax + 1));
const keywordsShape: shape.Shape<readonly string[]> = (value, path) => {
  const text = keywordsText(value, path);
  if (!text.ok) return text;
  return ok(text.value === '' ? [] : text.value.split(BETWEEN_KEYWORDS));
};

const recordShape: shape.Shape<IndexedRecord> = shape.struct({
  record: shape.bytes(32),
  hospital: shape.address,
  label: shape.nullable(shape.text(CRYPTO_LIMITS.categoryBytesMax)),
  version: shape.uint(CRYPTO_LIMITS.versionMax),
  cid: shape.bytes(36),
  openedMs: shape.uint(),
  keywords: keywordsShape,
});

const indexShape: shape.Shape<MedicalIndex> = shape.struct({
  records: shape.list(recordShape, CLIENT_LIMITS.indexedRecordsMax),
  searches: shape.list(
    shape.struct({
      hospital: shape.address,
      epoch: shape.uint(CRYPTO_LIMITS.versionMax),
      build: shape.bytes(BUILD_BYTES),
    }),
    CLIENT_LIMITS.searchedHospitalsMax,
  ),
});

/** The file's bytes, other ones at each writing. */
export function sealMedicalIndex(
  device: Device,
  wallet: Wallet,
  { records, searches }: MedicalIndex,
): Result<Uint8Array> {
  const flat = records.map((one) => ({ ...one, keywords: one.keywords.join(BETWEEN_KEYWORDS) }));
  const padded = pad(encode({ records: flat, searches: searches.map((state) => ({ ...state })) }));
  const salt = device.random(MEDICAL_INDEX_SALT_BYTES);
  const sealed = sealCommitted(device.primitives, wallet.medicalIndexKeys(salt), padded);
  const file = encode({ version: VERSION, salt, sealed });
  return file.length <= CLIENT_LIMITS.medicalIndexBytesMax
    ? ok(file)
    : refuse('client-index.too-large', { bytesMax: CLIENT_LIMITS.medicalIndexBytesMax });
}

/** Refuses a file of another person, of another version, altered, or too large. An older file of the same person opens: keep the newest. */
export function openMedicalIndex(primitives: Primitives, wallet: Wallet, bytes: Uint8Array): Result<MedicalIndex> {
  const value = decode(bytes, CLIENT_LIMITS.medicalIndexBytesMax);
  const file = value.ok ? fileShape(value.value, 'file') : value;
  if (!file.ok) return refuse('client-index.malformed');
  if (file.value.version !== VERSION) return refuse('client-index.unknown-version');
  const padded = openCommitted(primitives, wallet.medicalIndexKeys(file.value.salt), file.value.sealed);
  const plain = padded.ok ? unpad(padded.value) : padded;
  if (!plain.ok) return plain;
  const content = decode(plain.value, CLIENT_LIMITS.medicalIndexBytesMax);
  const index = content.ok ? indexShape(content.value, 'index') : content;
  return index.ok ? index : refuse('client-index.malformed');
}

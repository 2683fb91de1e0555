import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { decode, encode } from '../../src/base/canonical.ts';
import { hostDevice } from '../../src/client/device.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import {
  EMPTY_MEDICAL_INDEX,
  type IndexedRecord,
  type MedicalIndex,
  postingsOf,
  recordsWith,
  rememberRecord,
  searchAt,
  withSearch,
} from '../../src/client/medical-index.ts';
import { openMedicalIndex, sealMedicalIndex } from '../../src/client/medical-index-file.ts';
import { createWallet } from '../../src/client/wallet.ts';
import { hash, primitives } from '../ledger/town.ts';
import { unwrapped } from './fake-consortium.ts';

const device = hostDevice(primitives);
const wallet = createWallet(device);
const hospital = (n: number) => hash(`hospital ${n}`).slice(0, 20) as Address;
const opened = (name: string, keywords: readonly string[], version = 1): IndexedRecord => ({
  record: hash(name),
  hospital: hospital(1),
  label: 'general',
  version,
  cid: Uint8Array.of(1, 0x55, 0x12, 0x20, ...hash(`content ${name}`)),
  openedMs: 1_700_000_000_000,
  keywords,
});
const indexOf = (...records: readonly IndexedRecord[]): MedicalIndex =>
  records.reduce((index, one) => unwrapped(rememberRecord(index, one)), EMPTY_MEDICAL_INDEX);
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => (result.ok ? 'ok' : result.rejection?.code);

describe('the medical index', () => {
  it('holds each record once, as it was opened last, under keywords in their one form', () => {
    const index = indexOf(
      opened('a', ['Asthma', ' asthma ', 'COPD']),
      opened('b', ['Gout']),
      opened('a', ['ASTHMA'], 2),
    );
    expect(index.records.map(({ version, keywords }) => [version, keywords])).toEqual([
      [1, ['gout']],
      [2, ['asthma']],
    ]);
    expect(recordsWith(index, 'aSTHma').map(({ record }) => toHex(record))).toEqual([toHex(hash('a'))]);
    expect(recordsWith(index, 'copd')).toEqual([]);
    expect(recordsWith(index, ' ')).toEqual([]);
  });

  it('leaves out words that are no keyword, and those beyond the limit', () => {
    const many = Array.from({ length: CLIENT_LIMITS.keywordsPerRecordMax + 5 }, (_, i) => `word ${i}`);
    const [one] = indexOf(opened('a', ['', ' ', 'half \ud83d', 'x'.repeat(129), ...many])).records;
    expect(one?.keywords).toEqual(many.slice(0, CLIENT_LIMITS.keywordsPerRecordMax));
  });

  it('takes no more records than its limit, and still takes a new opening of one that is there', () => {
    const records = Array.from({ length: CLIENT_LIMITS.indexedRecordsMax }, (_, i) => ({
      ...opened('full', []),
      record: hash(`${i}`),
    }));
    const full = { ...EMPTY_MEDICAL_INDEX, records };
    expect(codeOf(rememberRecord(full, opened('new', [])))).toBe('client-index.too-large');
    expect(codeOf(rememberRecord(full, { ...opened('again', []), record: hash('7') }))).toBe('ok');
  });

  it('gives for each keyword its records, in the order of opening', () => {
    const postings = postingsOf(indexOf(opened('a', ['x', 'y']), opened('b', ['y'])));
    expect([...postings].map(([word, records]) => [word, records.map(toHex)])).toEqual([
      ['x', [toHex(hash('a'))]],
      ['y', [toHex(hash('a')), toHex(hash('b'))]],
    ]);
  });

  it('knows one search index a hospital, the newest', () => {
    const state = (n: number, epoch: number) => ({
      hospital: hospital(n),
      epoch,
      build: hash(`${n} ${epoch}`).slice(0, 16),
    });
    const index = [state(1, 0), state(2, 0), state(1, 1)].reduce(withSearch, EMPTY_MEDICAL_INDEX);
    expect([searchAt(index, hospital(1)), searchAt(index, hospital(2))]).toEqual([state(1, 1), state(2, 0)]);
    expect([index.searches.length, searchAt(index, hospital(3))]).toEqual([2, undefined]);
    const others = Array.from({ length: CLIENT_LIMITS.searchedHospitalsMax }, (_, i) => state(i + 10, 0));
    const full = others.reduce(withSearch, index);
    expect([full.searches.length, searchAt(full, hospital(1))]).toEqual([others.length, undefined]);
  });
});

describe('the medical index as a file', () => {
  const sealed = (index: MedicalIndex) => unwrapped(sealMedicalIndex(device, wallet, index));
  const index = withSearch(indexOf(opened('a', ['asthma']), { ...opened('b', []), label: null }), {
    hospital: hospital(1),
    epoch: 3,
    build: new Uint8Array(16),
  });

  it('opens for the same wallet as what it was, whatever was in it', () => {
    expect(openMedicalIndex(primitives, wallet, sealed(index))).toEqual({ ok: true, value: index });
    const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 140 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 4 }), words, { maxKeys: 5 }), (records) => {
        const any = indexOf(...Object.entries(records).map(([name, keywords]) => opened(name, keywords)));
        expect(openMedicalIndex(primitives, wallet, sealed(any))).toEqual({ ok: true, value: any });
      }),
      { numRuns: 40 },
    );
  });

  it('shows no word, no record and no two equal writings, and its length says little', () => {
    const [one, other] = [Buffer.from(sealed(index)), Buffer.from(sealed(index))];
    for (const secret of [utf8('asthma'), utf8('general'), hash('a'), hospital(1)])
      expect(one.includes(Buffer.from(secret))).toBe(false);
    expect(one.equals(other)).toBe(false);
    const lengths = Array.from({ length: 64 }, (_, i) => sealed(indexOf(opened('a', ['x'.repeat(64 + i)]))).length);
    expect(new Set(lengths).size).toBeLessThan(12);
  });

  it('is refused with any byte changed, of another person, of another version, and too large', () => {
    const file = sealed(index);
    const plain = openMedicalIndex(primitives, wallet, file);
    for (let at = 0; at < file.length; at += 7) {
      const altered = Uint8Array.from(file);
      altered[at] = (altered[at] as number) ^ 1;
      expect(openMedicalIndex(primitives, wallet, altered)).not.toEqual(plain);
      expect(openMedicalIndex(primitives, wallet, altered).ok).toBe(false);
    }
    expect(codeOf(openMedicalIndex(primitives, createWallet(device), file))).toBe('crypto-box.wrong-key');
    const fields = unwrapped(decode(file, 1_000_000)) as Record<string, never>;
    const later = encode({ ...fields, version: 2 });
    expect(codeOf(openMedicalIndex(primitives, wallet, later))).toBe('client-index.unknown-version');
    const large = new Uint8Array(CLIENT_LIMITS.medicalIndexBytesMax + 1);
    expect(codeOf(openMedicalIndex(primitives, wallet, large))).toBe('client-index.malformed');
  });

  it('of many large records is refused at writing instead of at reading', () => {
    const long = Array.from({ length: 256 }, (_, i) => `${i} ${'x'.repeat(120)}`);
    const records = Array.from({ length: 600 }, (_, i) => ({ ...opened('full', long), record: hash(`${i}`) }));
    expect(codeOf(sealMedicalIndex(device, wallet, { ...EMPTY_MEDICAL_INDEX, records }))).toBe(
      'client-index.too-large',
    );
  });
});

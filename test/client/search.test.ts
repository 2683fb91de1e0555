import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import type { ApiClient, SearchIndexUpload } from '../../src/client/api.ts';
import { openCategory } from '../../src/client/categories.ts';
import { ApiError } from '../../src/client/errors.ts';
import { EMPTY_MEDICAL_INDEX, type MedicalIndex, searchAt, withSearch } from '../../src/client/medical-index.ts';
import { endSearchEpoch, indexRecord, searchFor, storeSearchIndex } from '../../src/client/search.ts';
import { handOverSearch, searchWithToken } from '../../src/client/search-token.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { codeKeyword } from '../../src/crypto/search/keyword.ts';
import { hospitalName, idOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person, sessionOf } from './people.ts';

let consortium: FakeConsortium;
let patient: Person;
let index: MedicalIndex;
const written: Uint8Array[] = [];

beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
  const { session, wallet } = patient;
  const { category } = unwrapped(await openCategory(session, wallet, 'general'));
  index = EMPTY_MEDICAL_INDEX;
  written.length = 0;
  for (const keywords of [['Asthma', 'http://loinc.org|4548-4'], ['asthma'], ['gout']]) {
    const input = { owner: wallet.id, category, plaintext: Uint8Array.of(written.length) };
    const { record } = unwrapped(await writeRecord(session, wallet, input));
    index = unwrapped(await indexRecord(session, wallet, index, { record, keywords }));
    written.push(record);
  }
});

const search = async (keyword: string, at = index, change: Partial<ApiClient> = {}) => {
  const session = sessionOf(consortium, patient.wallet.account, consortium.api(change));
  const found = await searchFor(session, patient.wallet, at, keyword);
  return found.ok ? found.value.map(toHex) : found.rejection.code;
};
const idsOf = (...which: readonly number[]) => which.map((n) => toHex(written[n] as Uint8Array));

describe('a device that searches', () => {
  it('finds the records of a keyword, in any of its forms, and none of one that is not there', async () => {
    expect(await search('ASTHMA')).toEqual(idsOf(0, 1));
    expect(await search(unwrapped(codeKeyword('http://loinc.org', '4548-4')))).toEqual(idsOf(0));
    expect(await search('migraine')).toEqual([]);
    expect(await search(' ')).toBe('crypto-search.keyword-malformed');
    expect(await search('asthma', EMPTY_MEDICAL_INDEX)).toBe('client-index.none-here');
  });

  it('remembers of each record what the chain proves of it', () => {
    const [one] = index.records;
    expect(one).toMatchObject({
      hospital: idOf(hospitalName(1)),
      label: 'general',
      version: 1,
      keywords: ['asthma', 'http://loinc.org|4548-4'],
    });
    expect(one?.cid.length).toBe(36);
  });

  it('indexes no record that the chain does not hold', async () => {
    const found = await indexRecord(patient.session, patient.wallet, index, {
      record: new Uint8Array(32),
      keywords: ['x'],
    });
    expect(found).toMatchObject({ ok: false, rejection: { code: 'client-record.unknown' } });
  });

  it('sends a new build each time, whose bytes have none of the last one in common', async () => {
    const uploads: SearchIndexUpload[] = [];
    const storeIndex: ApiClient['storeIndex'] = async (_patient, upload) => {
      uploads.push(upload);
      return { entries: 0 };
    };
    const session = sessionOf(consortium, patient.wallet.account, consortium.api({ storeIndex }));
    for (let i = 0; i < 2; i++) unwrapped(await storeSearchIndex(session, patient.wallet, index));
    const labels = uploads.flatMap(({ entries }) =>
      Array.from({ length: entries.length / 69 }, (_, i) => toHex(entries.slice(i * 69, i * 69 + 16))),
    );
    // Three lists of eight, filled to a power of two.
    expect(labels.length).toBe(64);
    expect(new Set(labels).size).toBe(64);
    expect(uploads[0]?.build).not.toEqual(uploads[1]?.build);
  });

  it('ends the trapdoors of an epoch, and goes on from the one that another device has begun', async () => {
    const { session, wallet } = patient;
    const before = index;
    const later = unwrapped(
      await endSearchEpoch(session, wallet, unwrapped(await endSearchEpoch(session, wallet, index))),
    );
    const epochOf = (at: MedicalIndex) => searchAt(at, idOf(hospitalName(1)))?.epoch;
    expect([epochOf(before), epochOf(later)]).toEqual([0, 2]);
    expect(await search('asthma', before)).toBe('crypto-search.wrong-index');
    expect(await search('asthma', later)).toEqual(idsOf(0, 1));
    expect(epochOf(unwrapped(await storeSearchIndex(session, wallet, before)))).toBe(2);
  });

  it('follows no hospital beyond the numbers that an epoch may have', async () => {
    const epochsSent = async (claimed: number) => {
      const sent: number[] = [];
      const storeIndex: ApiClient['storeIndex'] = async (_patient, upload) => {
        sent.push(upload.epoch);
        throw new ApiError(409, 'node-search.epoch-ended', 'A later epoch.', { epoch: claimed });
      };
      const session = sessionOf(consortium, patient.wallet.account, consortium.api({ storeIndex }));
      expect((await storeSearchIndex(session, patient.wallet, index)).ok).toBe(false);
      return sent;
    };
    const { versionMax } = CRYPTO_LIMITS;
    expect(await epochsSent(versionMax)).toEqual([0, versionMax]);
    expect(await epochsSent(versionMax + 1)).toEqual([0]);
    const hospital = idOf(hospitalName(1));
    const last = withSearch(index, { hospital, epoch: versionMax, build: new Uint8Array(16) });
    const next = unwrapped(await endSearchEpoch(patient.session, patient.wallet, last));
    expect(searchAt(next, hospital)?.epoch).toBe(versionMax);
  });

  it('notices an answer that is altered, short, or of another keyword', async () => {
    const honest = consortium.api();
    const answering = (change: (matches: readonly Uint8Array[]) => readonly Uint8Array[]): Partial<ApiClient> => ({
      search: async (...args) => change(await honest.search(...args)),
    });
    const gout: Uint8Array[] = [];
    const keeping = answering((matches) => {
      gout.push(...matches);
      return matches;
    });
    expect(await search('gout', index, keeping)).toEqual(idsOf(2));
    expect(gout.length).toBe(8);
    expect(
      await search(
        'asthma',
        index,
        answering((matches) => matches.slice(1)),
      ),
    ).toBe('crypto-search.damaged');
    expect(
      await search(
        'asthma',
        index,
        answering((matches) => matches.slice(0, -1)),
      ),
    ).toBe('crypto-search.incomplete');
    expect(
      await search(
        'asthma',
        index,
        answering(() => gout),
      ),
    ).toBe('crypto-search.damaged');
  });
});

describe('a keyword handed to a doctor', () => {
  const handed = async (doctor: Person, keyword = 'gout') =>
    unwrapped(
      await handOverSearch(patient.session, patient.wallet, index, {
        keyword,
        grantee: doctor.wallet.id,
        label: 'general',
      }),
    );

  it('finds its records, by the category of the grant, and opens for nobody else', async () => {
    const [doctor, other] = [
      await member(consortium, 'doctor', 'practitioner'),
      await member(consortium, 'other', 'practitioner'),
    ];
    const token = await handed(doctor);
    let asked: Parameters<ApiClient['search']>[1] | undefined;
    const honest = consortium.api();
    const search: ApiClient['search'] = (who, question) => {
      asked = question;
      return honest.search(who, question);
    };
    const api = consortium.api({ search });
    const session = sessionOf(consortium, doctor.wallet.account, api);
    expect(unwrapped(await searchWithToken(session, doctor.wallet, token)).map(toHex)).toEqual(idsOf(2));
    expect(asked?.category).toEqual(patient.wallet.categoryOf('general'));
    expect(await searchWithToken(other.session, other.wallet, token)).toMatchObject({
      ok: false,
      rejection: { code: 'crypto-box.wrong-key' },
    });
  });

  it('is refused where it is altered, for another hospital, or handed to who has no key', async () => {
    const doctor = await member(consortium, 'doctor', 'practitioner');
    const token = await handed(doctor);
    const codeOf = async (bytes: Uint8Array, change: Partial<ApiClient> = {}) => {
      const session = sessionOf(consortium, doctor.wallet.account, consortium.api(change));
      const found = await searchWithToken(session, doctor.wallet, bytes);
      return found.ok ? 'found' : found.rejection.code;
    };
    expect(await codeOf(token.slice(1))).toBe('client-index.malformed');
    expect(await codeOf(token.with(token.length - 1, (token.at(-1) as number) ^ 1))).not.toBe('found');
    const status = async () => ({ ...(await consortium.api().status()), hospital: idOf(hospitalName(2)) });
    expect(await codeOf(token, { status })).toBe('client-index.none-here');
    const nobody = { keyword: 'gout', grantee: idOf('nobody'), label: 'general' };
    expect(await handOverSearch(patient.session, patient.wallet, index, nobody)).toMatchObject({
      ok: false,
      rejection: { code: 'client-grant.grantee-unknown' },
    });
  });
});

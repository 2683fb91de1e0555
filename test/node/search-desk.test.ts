import { beforeEach, describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { buildIndex, encodeIndex } from '../../src/crypto/search/index-build.ts';
import { makeTrapdoor, openMatches } from '../../src/crypto/search/trapdoor.ts';
import { SearchDesk } from '../../src/node/search-desk.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { SearchIndexStore } from '../../src/storage/search-index-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded } from '../support/consortium.ts';
import { accepted } from '../support/person.ts';

const place = { chainId: seeded('chain', 32) as Hash, hospital: seeded('hospital', 20) as Address };
const root = seeded('root', 32);
const patient = seeded('patient', 20) as Address;
const record = seeded('record', 32);
const nameOf = (epoch: number, build: string) => ({ ...place, epoch, build: seeded(build, 16) });

/** What the patient's device uploads. */
function indexOf(epoch: number, build: string, keyword = 'asthma') {
  const name = nameOf(epoch, build);
  const postings = new Map([[keyword, [record]]]);
  const built = accepted(buildIndex(primitives, { identityRoot: root, name, padding: 'coarse' }, postings));
  return { epoch, build: name.build, entries: encodeIndex(built) };
}
const questionOf = (epoch: number, build: string, keyword = 'asthma') => {
  const { trapdoor, keys } = makeTrapdoor(root, nameOf(epoch, build), keyword);
  return { question: { epoch, build: seeded(build, 16), labelKey: trapdoor.labelKey }, keys };
};

let desk: SearchDesk;
beforeEach(() => {
  desk = new SearchDesk(place, new SearchIndexStore(new WriteGuard(openMemoryStore())));
});
const asked = async (...args: Parameters<typeof questionOf>): Promise<string | number> => {
  const answer = await desk.search(patient, questionOf(...args).question);
  return answer.ok ? answer.value.length : answer.rejection.code;
};

describe("a hospital's desk for search", () => {
  it('matches a trapdoor in the index of its name, and answers nothing for a keyword that is not there', async () => {
    expect(accepted(await desk.store(patient, indexOf(0, 'b')))).toEqual({ entries: 8 });
    const { question, keys } = questionOf(0, 'b');
    const matches = accepted(await desk.search(patient, question));
    expect(accepted(openMatches(primitives, { name: nameOf(0, 'b'), keys }, matches)).map(toHex)).toEqual([
      toHex(record),
    ]);
    expect(await asked(0, 'b', 'gout')).toBe(0);
  });

  it('refuses a trapdoor of another build or epoch, and of a patient without an index, all alike', async () => {
    expect(await asked(0, 'b')).toBe('crypto-search.wrong-index');
    accepted(await desk.store(patient, indexOf(1, 'b')));
    expect(await asked(1, 'b')).toBe(8);
    expect(await asked(1, 'c')).toBe('crypto-search.wrong-index');
    expect(await asked(0, 'b')).toBe('crypto-search.wrong-index');
    const other = await desk.search(seeded('other', 20) as Address, questionOf(1, 'b').question);
    expect(other).toMatchObject({ ok: false, rejection: { code: 'crypto-search.wrong-index' } });
  });

  it('replaces the whole index, so that the trapdoors of the one before end', async () => {
    accepted(await desk.store(patient, indexOf(0, 'b')));
    accepted(await desk.store(patient, indexOf(0, 'c')));
    expect([await asked(0, 'b'), await asked(0, 'c')]).toEqual(['crypto-search.wrong-index', 8]);
    accepted(await desk.store(patient, { ...indexOf(0, 'd'), entries: new Uint8Array(0) }));
    expect(await asked(0, 'd')).toBe('crypto-search.wrong-index');
  });

  it('takes no index of an epoch that has ended, and says which one stands', async () => {
    accepted(await desk.store(patient, indexOf(3, 'b')));
    const refused = await desk.store(patient, indexOf(2, 'c'));
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'node-search.epoch-ended', detail: { epoch: 3 } } });
    expect(await asked(3, 'b')).toBe(8);
  });

  it('keeps nothing that is no index', async () => {
    const refused = await desk.store(patient, { ...indexOf(0, 'b'), entries: new Uint8Array(70) });
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'crypto-search.index-malformed' } });
    expect(await asked(0, 'b')).toBe('crypto-search.wrong-index');
  });
});

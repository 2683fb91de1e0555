import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../../src/base/brand.ts';
import { concat, toHex, utf8 } from '../../../src/base/bytes.ts';
import { encode } from '../../../src/base/canonical.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import {
  buildIndex,
  encodeIndex,
  INDEX_ENTRY_BYTES,
  type IndexEntry,
  keysOfKeyword,
  type Postings,
} from '../../../src/crypto/search/index-build.ts';
import { BUILD_BYTES, type IndexName } from '../../../src/crypto/search/keys.ts';
import { codeKeyword, normaliseKeyword } from '../../../src/crypto/search/keyword.ts';
import { COARSE_STEP_MIN, type Padding, paddedLength } from '../../../src/crypto/search/padding.ts';
import {
  makeTrapdoor,
  matchTrapdoor,
  openMatches,
  storedIndex,
  trapdoorShape,
} from '../../../src/crypto/search/trapdoor.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';

const primitives = nativePrimitives();
const identityRoot = bytesFrom('identity root', 32);
const name: IndexName = {
  chainId: bytesFrom('chain', 32) as Hash,
  hospital: bytesFrom('hospital A', 20) as Address,
  epoch: 4,
  build: bytesFrom('build', BUILD_BYTES),
};
const record = (n: number) => bytesFrom(`record ${n}`, 32);
const postings: Postings = new Map([
  ['http://loinc.org|4548-4', [record(1), record(2), record(3), record(4), record(5)]],
  ['http://snomed.info/sct|44054006', [record(1)]],
  ['asthma', [record(2), record(6)]],
]);
const accepted = <T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T => {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
};
const built = (padding: Padding = 'power-of-two', of = name, what = postings): readonly IndexEntry[] =>
  accepted(buildIndex(primitives, { identityRoot, name: of, padding }, what));
const node = storedIndex(name, built());
const search = (keyword: string, index = node, of = name) => {
  const { trapdoor, keys } = makeTrapdoor(identityRoot, of, keyword);
  const answer = accepted(matchTrapdoor(index, trapdoor));
  return { answer, records: openMatches(primitives, { name: of, keys }, answer), keys, trapdoor };
};
const refused = (code: string) => ({ ok: false, rejection: { code } });

describe('a search', () => {
  it('finds the records of each keyword, whatever the padding, and none of a keyword that is not there', () => {
    for (const padding of ['none', 'power-of-two', 'coarse'] as const) {
      const index = storedIndex(name, built(padding));
      for (const [keyword, records] of postings)
        expect(accepted(search(keyword, index).records).map(toHex)).toEqual(records.map(toHex));
      expect(accepted(search('diabetes', index).records)).toEqual([]);
    }
  });

  it('finds what was put in, for any postings', () => {
    const keyword = fc.constantFrom('a', 'b', 'c', 'influenza', 'x|y', 'héma', '漢');
    const lists = fc.dictionary(keyword, fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), { maxKeys: 5 });
    fc.assert(
      fc.property(lists, fc.constantFrom<Padding>('none', 'power-of-two', 'coarse'), (lists, padding) => {
        const what: Postings = new Map(Object.entries(lists).map(([word, ns]) => [word, ns.map(record)]));
        const index = storedIndex(name, built(padding, name, what));
        for (const [word, records] of what)
          expect(accepted(search(word, index).records).map(toHex)).toEqual(records.map(toHex));
      }),
      { numRuns: 30 },
    );
  });

  it('is answered by padded lists, of entries that are all of one length', () => {
    expect(search('http://loinc.org|4548-4').answer.length).toBe(8);
    expect(search('asthma').answer.length).toBe(2);
    const coarse = storedIndex(name, built('coarse'));
    for (const keyword of postings.keys()) expect(search(keyword, coarse).answer.length).toBe(COARSE_STEP_MIN);
    for (const padding of ['none', 'power-of-two', 'coarse'] as const)
      for (const { label, sealed } of built(padding)) expect(label.length + sealed.length).toBe(INDEX_ENTRY_BYTES);
  });
});

describe('what a node holds', () => {
  it('is a power of two of entries, in an order that says nothing, without a byte of keyword or record', () => {
    const entries = built();
    expect(Math.log2(entries.length) % 1).toBe(0);
    const labels = entries.map(({ label }) => toHex(label));
    expect(labels).toEqual([...labels].sort());
    const text = toHex(encodeIndex(entries));
    for (const [keyword, records] of postings) {
      expect(text).not.toContain(toHex(utf8(keyword)));
      for (const each of records) expect(text).not.toContain(toHex(each));
    }
  });

  it('is new at every build, for the same postings', () => {
    const again = built('power-of-two', { ...name, build: bytesFrom('another build', BUILD_BYTES) });
    const all = [...built(), ...again].flatMap(({ label, sealed }) => [toHex(label), toHex(sealed)]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('stands under labels that OpenSSL computes alike', () => {
    const info = concat(utf8('carechain/search/v1/index\0'), encode({ ...name }));
    const key = Buffer.from(hkdfSync('sha256', identityRoot, Buffer.alloc(0), info, 32));
    const prf = (k: Buffer, text: string | Buffer) => createHmac('sha256', k).update(text).digest();
    const keyword = prf(key, 'keyword\0asthma');
    expect(toHex(keysOfKeyword(identityRoot, name, 'asthma').valueKey)).toBe(prf(keyword, 'value').toString('hex'));
    const labelKey = prf(keyword, 'label');
    for (const position of [0, 1]) {
      const label = prf(labelKey, Buffer.from([0, 0, 0, position])).subarray(0, 16);
      expect(node.find(label)).toBeDefined();
    }
    expect(node.find(prf(labelKey, Buffer.from([0, 0, 0, 2])).subarray(0, 16))).toBeUndefined();
  });
});

describe('a trapdoor', () => {
  const { trapdoor } = search('asthma');

  it('is refused at another hospital, epoch, build or chain', () => {
    const others: Partial<IndexName>[] = [
      { hospital: bytesFrom('hospital B', 20) as Address },
      { epoch: 5 },
      { build: bytesFrom('other', BUILD_BYTES) },
      { chainId: bytesFrom('other chain', 32) as Hash },
    ];
    for (const change of others)
      expect(matchTrapdoor(storedIndex({ ...name, ...change }, built()), trapdoor)).toMatchObject(
        refused('crypto-search.wrong-index'),
      );
  });

  it('matches nothing of a later epoch or another hospital, even by a node that does not care', () => {
    for (const change of [{ epoch: 5 }, { hospital: bytesFrom('hospital B', 20) as Address }]) {
      const other = { ...name, ...change };
      const careless = { ...storedIndex(other, built('power-of-two', other)), name };
      expect(accepted(matchTrapdoor(careless, trapdoor))).toEqual([]);
    }
  });

  it('finds its own keyword and no other, and opens none of what it finds', () => {
    const own = new Set(search('asthma').answer.map(toHex));
    for (const keyword of postings.keys())
      if (keyword !== 'asthma') for (const each of search(keyword).answer) expect(own.has(toHex(each))).toBe(false);
    const guess = { labelKey: trapdoor.labelKey, valueKey: trapdoor.labelKey };
    expect(openMatches(primitives, { name, keys: guess }, search('asthma').answer)).toMatchObject(
      refused('crypto-search.damaged'),
    );
  });

  it('is read by its shape, and holds no keyword', () => {
    expect(trapdoorShape(trapdoor, 'trapdoor').ok).toBe(true);
    expect(trapdoorShape({ ...trapdoor, labelKey: new Uint8Array(31) }, 'trapdoor').ok).toBe(false);
    expect(toHex(encode({ ...trapdoor, name: { ...name } }))).not.toContain(toHex(utf8('asthma')));
  });
});

describe('a dishonest answer', () => {
  const keyword = 'http://loinc.org|4548-4';
  const { answer, keys } = search(keyword);
  const opened = (given: readonly Uint8Array[]) => openMatches(primitives, { name, keys }, given);

  it('is noticed where entries are left out, moved, repeated, altered or of another keyword', () => {
    expect(opened(answer).ok).toBe(true);
    expect(opened(answer.slice(0, -1))).toMatchObject(refused('crypto-search.incomplete'));
    expect(opened([...answer].reverse())).toMatchObject(refused('crypto-search.damaged'));
    expect(opened([...answer, answer[0] as Uint8Array])).toMatchObject(refused('crypto-search.incomplete'));
    expect(opened([...answer.slice(0, -1), answer[0] as Uint8Array])).toMatchObject(refused('crypto-search.damaged'));
    expect(opened([...search('asthma').answer])).toMatchObject(refused('crypto-search.damaged'));
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.nat((INDEX_ENTRY_BYTES - 16) * 8 - 1), (at, bit) => {
        const altered = answer.map((each) => each.slice());
        const entry = altered[at] as Uint8Array;
        entry[bit >> 3] = (entry[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(opened(altered)).toMatchObject(refused('crypto-search.damaged'));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a keyword', () => {
  it('has one form: compatibility composed, lower case, blanks joined', () => {
    for (const [text, keyword] of [
      ['  Diabetes  Mellitus ', 'diabetes mellitus'],
      ['Caﬀeine', 'caffeine'],
      ['e\u0301lan', 'élan'],
      ['IİI', 'ii̇i'],
    ] as const)
      expect(normaliseKeyword(text)).toEqual({ ok: true, value: keyword });
    expect(codeKeyword('http://loinc.org', '4548-4')).toEqual({ ok: true, value: 'http://loinc.org|4548-4' });
  });

  it('is the same when normalised twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        const once = normaliseKeyword(text);
        if (once.ok) expect(normaliseKeyword(once.value)).toEqual(once);
      }),
    );
  });

  it('is refused when empty, too long (keywordCharactersMax) or not in its form', () => {
    for (const bad of ['', '   ', 'x'.repeat(CRYPTO_LIMITS.keywordCharactersMax + 1)])
      expect(normaliseKeyword(bad)).toMatchObject(refused('crypto-search.keyword-malformed'));
    const input = { identityRoot, name, padding: 'none' as const };
    expect(buildIndex(primitives, input, new Map([['Asthma', [record(1)]]]))).toMatchObject(
      refused('crypto-search.keyword-malformed'),
    );
    expect(() => makeTrapdoor(identityRoot, name, 'Asthma')).toThrow('normalised');
  });

  it('comes with postings up to a limit (postingsMax), and an index with keywords up to one (indexKeywordsMax)', () => {
    const input = { identityRoot, name, padding: 'none' as const };
    const many = Array.from({ length: CRYPTO_LIMITS.postingsMax + 1 }, () => record(1));
    for (const records of [[], many])
      expect(buildIndex(primitives, input, new Map([['a', records]]))).toMatchObject(refused('crypto-search.too-many'));
    const words = new Map(Array.from({ length: CRYPTO_LIMITS.indexKeywordsMax + 1 }, (_, i) => [`w${i}`, [record(1)]]));
    expect(buildIndex(primitives, input, words)).toMatchObject(refused('crypto-search.too-many'));
    const { keys } = search('asthma');
    const flood = Array.from({ length: 4 * CRYPTO_LIMITS.postingsMax + 1 }, () => new Uint8Array(53));
    expect(openMatches(primitives, { name, keys }, flood)).toMatchObject(refused('crypto-search.too-many'));
  });
});

describe('padding', () => {
  it('is at least the list, grows with it, and takes few values', () => {
    for (const padding of ['none', 'power-of-two', 'coarse'] as const) {
      const lengths = Array.from({ length: 500 }, (_, i) => paddedLength(i + 1, padding));
      lengths.forEach((length, i) => {
        expect(length).toBeGreaterThanOrEqual(i + 1);
        expect(length).toBeGreaterThanOrEqual(lengths[i - 1] ?? 1);
      });
      expect(new Set(lengths).size).toBe({ none: 500, 'power-of-two': 10, coarse: 4 }[padding]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../../src/base/brand.ts';
import { compareBytes, toHex } from '../../../src/base/bytes.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import { buildIndex, encodeIndex, type IndexEntry } from '../../../src/crypto/search/index-build.ts';
import { readIndex } from '../../../src/crypto/search/index-bytes.ts';
import type { IndexName } from '../../../src/crypto/search/keys.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';

const name: IndexName = {
  chainId: bytesFrom('chain', 32) as Hash,
  hospital: bytesFrom('hospital', 20) as Address,
  epoch: 0,
  build: bytesFrom('build', 16),
};
const entriesOf = (labels: readonly Uint8Array[]): readonly IndexEntry[] =>
  labels.map((label) => ({ label, sealed: bytesFrom(toHex(label), 53) }));
const label = fc.uint8Array({ minLength: 16, maxLength: 16 });
const sorted = fc
  .uniqueArray(label, { selector: toHex, maxLength: 40 })
  .map((labels) => labels.sort((a, b) => compareBytes(a, b)));

describe("an index's bytes", () => {
  it('hold the entry of every label in them, and of no other', () => {
    fc.assert(
      fc.property(sorted, label, (labels, other) => {
        const read = readIndex(name, encodeIndex(entriesOf(labels)));
        if (!read.ok) throw new Error(read.rejection.code);
        for (const { label: one, sealed } of entriesOf(labels)) expect(read.value.find(one)).toEqual(sealed);
        const isThere = labels.some((one) => toHex(one) === toHex(other));
        expect(read.value.find(other) !== undefined).toBe(isThere);
      }),
    );
  });

  it('are refused where they are cut short, out of order, or hold a label twice', () => {
    const [a, b] = [new Uint8Array(16), new Uint8Array(16).fill(1)];
    const codeOf = (bytes: Uint8Array) => {
      const read = readIndex(name, bytes);
      return read.ok ? 'read' : read.rejection.code;
    };
    const bytes = encodeIndex(entriesOf([a, b]));
    expect(codeOf(bytes)).toBe('read');
    expect(codeOf(new Uint8Array(0))).toBe('read');
    const malformed = [
      bytes.slice(1),
      bytes.slice(0, -1),
      encodeIndex(entriesOf([b, a])),
      encodeIndex(entriesOf([a, a])),
    ];
    for (const each of malformed) expect(codeOf(each)).toBe('crypto-search.index-malformed');
  });

  it('are made of at most the limit of entries', () => {
    expect(CRYPTO_LIMITS.indexEntriesMax).toBe(65_536);
    // A list of 2,049 postings is padded to 8,192.
    const long = Array.from({ length: 2_049 }, () => new Uint8Array(32));
    const postings = new Map(Array.from({ length: 9 }, (_, i) => [`keyword ${i}`, long]));
    const primitives = nativePrimitives();
    const built = buildIndex(primitives, { identityRoot: new Uint8Array(32), name, padding: 'coarse' }, postings);
    expect(built).toMatchObject({ ok: false, rejection: { code: 'crypto-search.too-many' } });
  });
});

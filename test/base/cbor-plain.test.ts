import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal } from '../../src/base/bytes.ts';
import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import { decodePlain, encodePlain } from '../../src/base/cbor-plain.ts';
import { scanCbor } from '../../src/base/cbor-scan.ts';
import { LIMITS } from '../../src/base/limits.ts';

/** What the library alone would say: the independent judge of our own writer and reader. */
function byLibrary(bytes: Uint8Array): unknown {
  if (!scanCbor(bytes, LIMITS.encodingDepthMax, LIMITS.encodingItemsMax).ok) return undefined;
  try {
    const value: unknown = dagCbor.decode(bytes);
    return equal(new Uint8Array(dagCbor.encode(value)), bytes) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 300 }),
);
const values = fc.letrec<{ tree: Canonical }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 30 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a', 'aa', 'height')), tie('tree'), {
      noNullPrototype: true,
    }),
  ) as fc.Arbitrary<Canonical>,
})).tree;

describe('plain values, written and read without the library', () => {
  it('have the very bytes that the library gives them', () => {
    fc.assert(
      fc.property(values, (value) => {
        const plain = encodePlain(value);
        if (plain !== undefined) expect(equal(plain, new Uint8Array(dagCbor.encode(value)))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are read as the library reads them', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = new Uint8Array(dagCbor.encode(value));
        const plain = decodePlain(bytes);
        if (plain !== undefined) expect(encode(plain.value as Canonical)).toEqual(encode(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are accepted and refused exactly where the library would, whichever bytes are changed', () => {
    let plainly = 0;
    fc.assert(
      fc.property(
        values,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(3),
        (value, edits, cut) => {
          const bytes = new Uint8Array(dagCbor.encode(value));
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const edited = bytes.subarray(0, Math.max(1, bytes.length - cut));
          const ours = decode(edited, 1_000_000);
          if (decodePlain(edited) !== undefined) plainly++;
          expect(ours.ok).toBe(byLibrary(edited) !== undefined);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(plainly).toBeGreaterThan(500);
  });

  it('keep keys apart that differ in the middle alone, however often they are read', () => {
    const key = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.string({ unit: fc.constantFrom('x', 'y', 'z'), maxLength: 40 }),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 12 }), (keys) => {
        const map = Object.fromEntries(keys.map(([last, middle], i) => [`k${middle}${last}`, i]));
        expect(decode(encode(map), 10_000)).toEqual({ ok: true, value: map });
      }),
    );
  });

  it('are written under their own names, in whatever order an object has them, also where the first and the last are those of another', () => {
    const name = fc.string({ unit: fc.constantFrom('x', 'y', 'zz'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 4 }), fc.nat(200), (middle, long) => {
        const map = Object.fromEntries(['first', ...middle, 'm'.repeat(long + 5), 'last'].map((each, i) => [each, i]));
        for (let again = 0; again < 2; again++) expect(encodePlain(map)).toEqual(new Uint8Array(dagCbor.encode(map)));
      }),
      { numRuns: 500 },
    );
  });

  it('are refused at the depth at which the library path refuses them', () => {
    for (const depth of [LIMITS.encodingDepthMax - 1, LIMITS.encodingDepthMax, LIMITS.encodingDepthMax + 1]) {
      const bytes = new Uint8Array(depth).fill(0x81);
      bytes[depth - 1] = 0x80;
      expect([depth, decode(bytes, 1_000).ok]).toEqual([depth, byLibrary(bytes) !== undefined]);
    }
  });

  it('are copies: the bytes they came in may be changed afterwards, also in a Buffer', () => {
    const bytes = Buffer.from(encode({ a: Uint8Array.of(1, 2, 3) }));
    const read = decode(bytes, 100);
    bytes.fill(0);
    expect(read).toEqual({ ok: true, value: { a: Uint8Array.of(1, 2, 3) } });
  });
});

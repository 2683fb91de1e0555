import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { canonicalValue, codeOf, hex, referenceEncode } from './support.ts';

const ROOM = 1 << 20;
const code = (bytes: Uint8Array, bytesMax = ROOM): string => codeOf(decode(bytes, bytesMax));

describe('the canonical encoding', () => {
  it('is the one that the specification alone gives, for every value', () => {
    fc.assert(
      fc.property(canonicalValue, (value) => {
        expect(toHex(encode(value))).toBe(toHex(referenceEncode(value)));
      }),
      { numRuns: 300 },
    );
  });

  it('comes back as the value it was made of', () => {
    fc.assert(
      fc.property(canonicalValue, (value) => {
        const back = decode(encode(value), ROOM);
        expect(back.ok && toHex(encode(back.value as Canonical))).toBe(toHex(encode(value)));
      }),
      { numRuns: 300 },
    );
  });

  it('is plain bytes whatever its length: a slice is a copy', () => {
    for (const length of [0, 1, 100, 200, 250, 300, 5_000]) {
      const bytes = encode(['x'.repeat(length)]);
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      bytes.slice().fill(0);
      expect(bytes[0]).toBe(0x81);
    }
  });

  it('does not depend on the order in which fields were set', () => {
    expect(encode({ bb: 1, a: 2, c: 3 })).toEqual(encode({ c: 3, bb: 1, a: 2 }));
    expect(toHex(encode({ bb: 1, a: 2 }))).toBe('a261610262626201');
  });

  it.each([
    ['a fraction', 0.5],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a function', () => 1],
  ])('throws at its caller, or is refused when read, for %s', (_, value) => {
    let bytes: Uint8Array;
    try {
      bytes = encode(value as unknown as Canonical);
    } catch {
      return;
    }
    expect(code(bytes)).not.toBe('ok');
  });
});

/** [what, hex, code, whether the plain library takes it] */
const ODD: readonly [string, string, string, boolean][] = [
  ['no bytes', '', 'encoding.empty', false],
  ['keys out of order', 'a2 6162 01 6161 02', 'encoding.not-canonical', true],
  ['a longer key before a shorter one', 'a2 626161 01 6162 02', 'encoding.not-canonical', true],
  ['a repeated key', 'a2 6161 01 6161 01', 'encoding.malformed', false],
  ['an integer in a byte too many', '18 01', 'encoding.malformed', false],
  ['a length in a byte too many', '58 01 aa', 'encoding.malformed', false],
  ['an integral double', 'fb 4000000000000000', 'encoding.malformed', true],
  ['a half-precision float', 'f9 3c00', 'encoding.malformed', true],
  ['minus zero', 'fb 8000000000000000', 'encoding.malformed', true],
  ['NaN', 'f9 7e00', 'encoding.malformed', false],
  ['undefined', 'f7', 'encoding.malformed', true],
  ['a simple value without a meaning', 'e0', 'encoding.malformed', false],
  ['a simple value of two bytes', 'f8 20', 'encoding.malformed', false],
  ['invalid UTF-8', '61 ff', 'encoding.not-canonical', true],
  ['a surrogate in UTF-8', '63 eda080', 'encoding.not-canonical', true],
  ['an overlong form in UTF-8', '62 c080', 'encoding.not-canonical', true],
  ['text that begins with a byte order mark', '64 efbbbf61', 'encoding.not-canonical', true],
  ['a date tag', 'c1 01', 'encoding.malformed', false],
  ['a link', `d8 2a 58 25 00 01 71 12 20 ${'00'.repeat(32)}`, 'encoding.malformed', true],
  ['a list without an end', '9f 01 ff', 'encoding.malformed', false],
  ['bytes without a length', '5f 41 00 ff', 'encoding.malformed', false],
  ['a lone break', 'ff', 'encoding.malformed', false],
  ['a reserved head', '1c', 'encoding.malformed', false],
  ['a number as key', 'a1 01 01', 'encoding.malformed', false],
  ['a second value', '01 01', 'encoding.malformed', false],
  ['a cut list', '82 01', 'encoding.truncated', false],
  ['a cut number', '1a 0001', 'encoding.truncated', false],
  ['text longer than the message', '78 20 61', 'encoding.truncated', false],
  ['bytes of almost 2^64', '5b ffffffffffffffff 00', 'encoding.truncated', false],
  ['a list of almost 2^64', '9b ffffffffffffffff', 'encoding.too-many-items', false],
  ['a map of almost 2^64', 'bb ffffffffffffffff', 'encoding.too-many-items', false],
];

describe('reading', () => {
  it.each(ODD)('refuses %s', (_, text, expected) => {
    expect(code(hex(text))).toBe(expected);
  });

  it('is needed: the plain library takes a third of these', () => {
    const taken = ODD.filter(([, text]) => {
      try {
        dagCbor.decode(hex(text));
        return true;
      } catch {
        return false;
      }
    });
    expect(taken.map(([what]) => what)).toEqual(ODD.filter(([, , , lenient]) => lenient).map(([what]) => what));
  });

  it('refuses 10,000 nested lists, on which the plain library overflows the stack', () => {
    const deep = new Uint8Array(10_001).fill(0x81);
    deep[10_000] = 0x80;
    expect(() => dagCbor.decode(deep)).toThrow(RangeError);
    expect(code(deep)).toBe('encoding.too-deep');
  });

  it('takes as many bytes, levels and values as its limits say, and no more', () => {
    const nested = (depth: number): Canonical => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(code(encode(nested(LIMITS.encodingDepthMax)))).toBe('ok');
    expect(code(encode(nested(LIMITS.encodingDepthMax + 1)))).toBe('encoding.too-deep');
    const long = (items: number) => encode(Array.from({ length: items - 1 }, () => 0));
    expect(code(long(LIMITS.encodingItemsMax))).toBe('ok');
    expect(code(long(LIMITS.encodingItemsMax + 1))).toBe('encoding.too-many-items');
    const bytes = encode('four');
    expect(code(bytes, bytes.length)).toBe('ok');
    expect(code(bytes, bytes.length - 1)).toBe('encoding.too-large');
  });

  it('gives a map with the key __proto__ no other prototype', () => {
    const read = decode(hex('a1 69 5f5f70726f746f5f5f a1 6161 01'), ROOM);
    expect(read.ok && Object.keys(read.value as object)).toEqual(['__proto__']);
    expect(read.ok && (read.value as { a?: number }).a).toBeUndefined();
  });

  it('never throws, and what it takes is the one encoding of what it gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decode(bytes, ROOM);
        if (read.ok) expect(toHex(encode(read.value as Canonical))).toBe(toHex(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never takes two byte strings for one value: a changed byte is another value or a refusal', () => {
    fc.assert(
      fc.property(canonicalValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, mask) => {
        const bytes = encode(value);
        const changed = bytes.slice();
        const i = at % bytes.length;
        changed[i] = (changed[i] as number) ^ mask;
        const read = decode(changed, ROOM);
        if (read.ok) expect(toHex(encode(read.value as Canonical))).not.toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allocate,
  compareBytes,
  concat,
  copyOf,
  equal,
  equalSecret,
  fromHex,
  toHex,
  u64be,
  utf8,
} from '../../src/base/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 64 });

describe('hexadecimal', () => {
  it('is that of Buffer, both ways', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(fromHex(toHex(value))).toEqual(value);
      }),
    );
  });

  it('is whole for long bytes too', () => {
    for (const length of [511, 512, 513, 1_025, 100_001]) {
      const value = Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));
      expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
    }
  });

  it.each(['a', 'AB', '0g', ' 00', '00 ', '0x00', '00\n'])('is refused as %j', (text) => {
    expect(fromHex(text)).toBeUndefined();
  });
});

describe('UTF-8', () => {
  it('is that of the WHATWG encoder, for well-formed text and for lone surrogates', () => {
    const encoder = new TextEncoder();
    const anyUnits = fc
      .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 20 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyUnits), (text) => {
        expect(utf8(text)).toEqual(encoder.encode(text));
      }),
    );
  });
});

describe('comparison of bytes', () => {
  it('is that of Buffer, and equality is its zero', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equal(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalSecret(a, b)).toBe(equal(a, b));
        expect(equal(a, a.slice()) && equalSecret(a, a.slice())).toBe(true);
      }),
    );
  });

  it('notices one changed bit, wherever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.nat(7), (a, at, bit) => {
        const b = a.slice();
        const i = at % a.length;
        b[i] = (b[i] as number) ^ (1 << bit);
        expect(equal(a, b) || equalSecret(a, b) || compareBytes(a, b) === 0).toBe(false);
      }),
    );
  });
});

describe('joining and numbers', () => {
  it('joins parts as Buffer does', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (parts) => {
        expect(concat(...parts)).toEqual(new Uint8Array(Buffer.concat(parts)));
      }),
    );
  });

  it('writes eight bytes that sort as their numbers do', () => {
    const safe = fc.maxSafeNat();
    fc.assert(
      fc.property(safe, safe, (a, b) => {
        expect(Buffer.from(u64be(a)).readBigUInt64BE()).toBe(BigInt(a));
        expect(Math.sign(compareBytes(u64be(a), u64be(b)))).toBe(Math.sign(a - b));
      }),
    );
  });
});

describe('arrays that share a slab', () => {
  const lengths = fc.array(fc.oneof(fc.nat(1_100), fc.nat(70)), { minLength: 1, maxLength: 60 });

  it('come zeroed, and none reaches into another', () => {
    fc.assert(
      fc.property(lengths, (list) => {
        const arrays = list.map((length, i) => {
          const array = allocate(length);
          expect(array.length === length && array.every((byte) => byte === 0)).toBe(true);
          return array.fill(i + 1);
        });
        for (const [i, array] of arrays.entries()) expect(array.every((byte) => byte === i + 1)).toBe(true);
      }),
    );
  });

  it('hold copies that later changes of the original do not reach, of a Buffer too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(), (bytes, a, b) => {
        const [from, to] = [a % bytes.length, b % bytes.length].sort((x, y) => x - y) as [number, number];
        const original = Buffer.from(bytes);
        const copies = [copyOf(original), copyOf(original, from, to)];
        original.fill(0);
        expect(copies).toEqual([bytes, bytes.slice(from, to)]);
      }),
    );
  });
});

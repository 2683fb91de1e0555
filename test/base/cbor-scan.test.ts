import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/base/canonical.ts';
import { scanCbor } from '../../src/base/cbor-scan.ts';
import { canonicalValue, codeOf } from './support.ts';

const code = (bytes: Uint8Array, depthMax = 16, itemsMax = 1_000): string =>
  codeOf(scanCbor(bytes, depthMax, itemsMax));

describe('the scan before the decoder', () => {
  it('never throws, whatever the bytes', () => {
    const heads = fc.array(fc.constantFrom(0x00, 0x1b, 0x5b, 0x61, 0x81, 0x9b, 0xa1, 0xbb, 0xd8, 0xf6, 0xfb, 0xff), {
      maxLength: 200,
    });
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      heads.map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(hostile, fc.nat(32), fc.nat(300), (bytes, depthMax, itemsMax) => {
        expect([
          'ok',
          'encoding.truncated',
          'encoding.malformed',
          'encoding.too-deep',
          'encoding.too-many-items',
        ]).toContain(code(bytes, depthMax, itemsMax));
      }),
      { numRuns: 3_000 },
    );
  });

  it('passes every canonical value, and no proper beginning of one', () => {
    fc.assert(
      fc.property(canonicalValue, fc.nat(), (value, cut) => {
        const bytes = encode(value);
        expect(code(bytes, 16, 100_000)).toBe('ok');
        expect(code(bytes.slice(0, cut % bytes.length), 16, 100_000)).toBe('encoding.truncated');
      }),
    );
  });

  it('refuses anything that follows the value', () => {
    fc.assert(
      fc.property(canonicalValue, fc.uint8Array({ minLength: 1, maxLength: 4 }), (value, more) => {
        expect(code(Uint8Array.from([...encode(value), ...more]), 16, 100_000)).toBe('encoding.malformed');
      }),
    );
  });

  it('counts keys and values of maps, and levels of lists and maps alike', () => {
    const bytes = encode({ a: [{ b: 1 }] });
    expect(code(bytes, 3, 6)).toBe('ok');
    expect(code(bytes, 2, 6)).toBe('encoding.too-deep');
    expect(code(bytes, 3, 5)).toBe('encoding.too-many-items');
  });

  it('is linear in the bytes: a megabyte of nested heads ends at the depth limit', () => {
    expect(code(new Uint8Array(1 << 20).fill(0x81), 16, 1 << 30)).toBe('encoding.too-deep');
    expect(code(new Uint8Array(1 << 20).fill(0x81), 1 << 30, 1 << 30)).toBe('encoding.truncated');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { keyOf } from '../../src/consensus/key.ts';

const bytes = fc.uint8Array({ minLength: 20, maxLength: 32 });

describe('the key of an id or a hash', () => {
  it('is its hexadecimal form, the first time and every time after', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(keyOf(value as Hash)).toBe(toHex(value));
        expect(keyOf(value as Hash)).toBe(toHex(value));
      }),
    );
  });

  it('is the same for equal bytes of different arrays', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(keyOf(value.slice())).toBe(keyOf(value));
      }),
    );
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, sealForNow, unseal } from '../../src/storage/checksum.ts';
import { codeOf } from './support.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 100 });
/** Above and below the room that short rows share. */
const value = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 900, maxLength: 1_100 }));

describe('a sealed value', () => {
  it('is the first 8 bytes of SHA-256(key ‖ value), then the value', () => {
    fc.assert(
      fc.property(key, value, (name, bytes) => {
        const sum = createHash('sha256').update(name).update(bytes).digest().subarray(0, 8);
        expect(Buffer.from(seal(name, bytes))).toEqual(Buffer.concat([sum, bytes]));
        expect(Buffer.from(sealForNow(name, bytes))).toEqual(Buffer.concat([sum, bytes]));
      }),
    );
  });

  it('stays as it is when others are sealed after it', () => {
    fc.assert(
      fc.property(key, value, key, value, (name, bytes, otherName, otherBytes) => {
        const first = seal(name, bytes);
        const before = first.slice();
        seal(otherName, otherBytes);
        expect(first).toEqual(before);
        expect(unseal(name, first)).toEqual(bytes);
      }),
    );
  });

  it('is refused with any bit flipped, cut short, or under another key', async () => {
    const [name, bytes] = [Uint8Array.of(7, 1, 2), Uint8Array.of(1, 2, 3, 4)];
    const sealed = seal(name, bytes);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const damaged = sealed.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(await codeOf(() => unseal(name, damaged))).toBe('storage.corrupt');
    }
    for (let length = 0; length < sealed.length; length++)
      expect(await codeOf(() => unseal(name, sealed.subarray(0, length)))).toBe('storage.corrupt');
    expect(await codeOf(() => unseal(Uint8Array.of(7, 1, 3), sealed))).toBe('storage.corrupt');
  });
});

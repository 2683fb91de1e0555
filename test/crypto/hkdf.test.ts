import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { hkdfExpandSha512, hkdfSha256 } from '../../src/crypto/hkdf.ts';
import { hex, loadWycheproof, tally } from './support/vectors.ts';

describe('HKDF-SHA-256', () => {
  it('passes 83 valid Wycheproof vectors and refuses 3 lengths beyond 255 blocks', () => {
    const outcomes = tally();
    for (const test of loadWycheproof('hkdf_sha256_test.json').flatMap((group) => group.tests)) {
      const derive = () => hkdfSha256(hex(test.ikm), hex(test.salt), hex(test.info), test.size as number);
      if (test.result === 'invalid') expect(derive, `tcId ${test.tcId}`).toThrow('at most 255 blocks');
      else expect(toHex(derive()), `tcId ${test.tcId}`).toBe(test.okm);
      outcomes.add(test.result);
    }
    expect(outcomes.counts()).toEqual({ valid: 83, invalid: 3 });
  });

  it('gives what OpenSSL gives', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (secret, salt, info, length) => {
        const expected = new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
        expect(hkdfSha256(secret, salt, info, length)).toEqual(expected);
      }),
    );
  });
});

describe('HKDF-Expand-SHA-512', () => {
  it('is the second half of OpenSSL’s HKDF, for a key that HMAC extracted', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 300 }), (secret, salt, info, length) => {
        const extracted = createHmac('sha512', salt).update(secret).digest();
        const expected = new Uint8Array(hkdfSync('sha512', secret, salt, info, length));
        expect(hkdfExpandSha512(extracted, info, length)).toEqual(expected);
      }),
    );
  });

  it('stops on a length beyond 255 blocks', () => {
    expect(hkdfExpandSha512(new Uint8Array(32), new Uint8Array(0), 255 * 64).length).toBe(255 * 64);
    expect(() => hkdfExpandSha512(new Uint8Array(32), new Uint8Array(0), 255 * 64 + 1)).toThrow('255 blocks');
  });
});

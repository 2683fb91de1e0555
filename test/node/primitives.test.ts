import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey, Signature } from '../../src/base/brand.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { describePrimitives } from '../crypto/primitives-conformance.ts';
import { describeWycheproof } from '../crypto/wycheproof-suite.ts';

const native = nativePrimitives();
const withoutAddons = nativePrimitives({ curve: () => undefined, hashPairs: () => undefined });

describePrimitives(native);
describePrimitives(withoutAddons);
describeWycheproof(native);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Any 32 bytes with the top bit off and the last one on are a scalar in [1, n). */
const secretKeys = bytes(32).map((key) => {
  key[0] = (key[0] as number) & 0x7f;
  key[31] = (key[31] as number) | 1;
  return key as SecretKey;
});
const digests = bytes(32).map((digest) => {
  digest[0] = (digest[0] as number) & 0x7f;
  return digest as Hash;
});
const runs = (numRuns: number) => ({ numRuns });

describe('the native primitives and @noble, as two implementations of one thing', () => {
  it('make the same keys and the same signatures', () => {
    fc.assert(
      fc.property(secretKeys, digests, (secretKey, digest) => {
        expect(native.publicKeyOf(secretKey)).toEqual(noblePrimitives.publicKeyOf(secretKey));
        expect(native.sign(digest, secretKey)).toEqual(noblePrimitives.sign(digest, secretKey));
      }),
      runs(60),
    );
  });

  it('recover the same key, or none, from the same bytes', () => {
    let recovered = 0;
    const signatures = fc.tuple(bytes(64), fc.integer({ min: 0, max: 3 })).map(([compact, v]) => {
      const signature = new Uint8Array(65);
      signature.set(compact);
      signature[32] = (signature[32] as number) & 0x7f;
      signature[64] = v;
      return signature as Signature;
    });
    fc.assert(
      fc.property(digests, signatures, (digest, signature) => {
        const key = native.recover(digest, signature);
        if (key !== undefined) recovered++;
        expect(key).toEqual(noblePrimitives.recover(digest, signature));
      }),
      runs(120),
    );
    expect(recovered).toBeGreaterThan(5);
  });

  it('share the same point, or none', () => {
    let shared = 0;
    const keys = fc.tuple(fc.constantFrom(2, 3, 4), bytes(32)).map(([sign, x]) => {
      const key = new Uint8Array(33);
      key[0] = sign;
      key.set(x, 1);
      return key as PublicKey;
    });
    fc.assert(
      fc.property(secretKeys, keys, (secretKey, key) => {
        const point = native.ecdh(secretKey, key);
        if (point !== undefined) shared++;
        expect(point).toEqual(noblePrimitives.ecdh(secretKey, key));
      }),
      runs(80),
    );
    expect(shared).toBeGreaterThan(5);
  });

  it('hash and seal to the same bytes', () => {
    const texts = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes(32), bytes(12), texts, texts, (key, nonce, text, data) => {
        expect(native.hash(text)).toEqual(noblePrimitives.hash(text));
        expect(native.seal(key, nonce, text, data)).toEqual(noblePrimitives.seal(key, nonce, text, data));
      }),
    );
  });
});

describe('what the native primitives say they are', () => {
  it('names the libraries that do the work', () => {
    expect(native.name).toBe('libsecp256k1 + hashtree + node:crypto');
  });

  it('says so where an addon is missing and something slower stands in', () => {
    expect(withoutAddons.name).toContain('@noble/secp256k1 (slow');
    expect(withoutAddons.name).toContain('one by one (slow');
  });
});

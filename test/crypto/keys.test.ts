import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import {
  type DelegatingScope,
  deriveDelegatingKey,
  deriveIdentityKeys,
  scalarFromUniform,
} from '../../src/crypto/keys.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { bytesFrom, hex, loadVectors } from './support/vectors.ts';

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const root = bytesFrom('root', 32);
const scope: DelegatingScope = {
  pseudonym: bytesFrom('pseudonym', 20) as Address,
  category: bytesFrom('category', 8),
  epoch: 3,
};

/** FIPS 186-5, A.2.1, over OpenSSL's HKDF. */
function independently(from: Uint8Array, info: Buffer): string {
  const uniform = Buffer.from(hkdfSync('sha256', from, Buffer.alloc(0), info, 48)).toString('hex');
  return ((BigInt(`0x${uniform}`) % (N - 1n)) + 1n).toString(16).padStart(64, '0');
}

describe('a scalar from uniform bytes', () => {
  const at = (value: bigint) => toHex(scalarFromUniform(hex(value.toString(16).padStart(96, '0'))));

  it('is 1 for zero, never 0 and never the order', () => {
    expect(at(0n)).toBe('1'.padStart(64, '0'));
    expect(at(N - 2n)).toBe((N - 1n).toString(16));
    expect(at(N - 1n)).toBe('1'.padStart(64, '0'));
    expect(at(2n ** 384n - 1n)).toBe((((2n ** 384n - 1n) % (N - 1n)) + 1n).toString(16).padStart(64, '0'));
  });

  it('is always a secret key that the curve takes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (entropy) => {
        expect(noblePrimitives.publicKeyOf(scalarFromUniform(entropy)).length).toBe(33);
      }),
      { numRuns: 50 },
    );
  });

  it('takes 48 bytes and no other length', () => {
    expect(() => scalarFromUniform(new Uint8Array(47))).toThrow('48 uniform bytes');
  });
});

describe('the keys of a person', () => {
  it('come from the identity root by one label each', () => {
    const keys = deriveIdentityKeys(root);
    const info = (purpose: string) => Buffer.from(`carechain/key/v1/${purpose}\0`);
    expect(toHex(keys.account)).toBe(independently(root, info('account')));
    expect(toHex(keys.fragmentSigning)).toBe(independently(root, info('fragment-signing')));
    expect(toHex(keys.receiving)).toBe(independently(root, info('receiving')));
  });

  it('match their published vectors', () => {
    const vector = loadVectors('crypto/keys.json') as Record<string, string | number>;
    const keys = deriveIdentityKeys(hex(vector.identityRoot));
    expect(toHex(keys.account)).toBe(vector.account);
    expect(toHex(keys.fragmentSigning)).toBe(vector.fragmentSigning);
    expect(toHex(keys.receiving)).toBe(vector.receiving);
    const delegating = deriveDelegatingKey(hex(vector.delegatingRoot), {
      pseudonym: hex(vector.pseudonym) as Address,
      category: hex(vector.category),
      epoch: vector.epoch as number,
    });
    expect(toHex(delegating)).toBe(vector.delegating);
  });

  it('are all different: per purpose, pseudonym, category, epoch and root', () => {
    const identity = deriveIdentityKeys(root);
    const others: DelegatingScope[] = [
      scope,
      { ...scope, epoch: 4 },
      { ...scope, category: bytesFrom('other', 8) },
      { ...scope, pseudonym: bytesFrom('other', 20) as Address },
    ];
    const keys = [
      identity.account,
      identity.fragmentSigning,
      identity.receiving,
      ...others.map((other) => deriveDelegatingKey(root, other)),
      deriveDelegatingKey(bytesFrom('other root', 32), scope),
    ];
    expect(new Set(keys.map(toHex)).size).toBe(8);
  });

  it('are the same at every derivation', () => {
    expect(deriveDelegatingKey(root, scope)).toEqual(deriveDelegatingKey(root.slice(), { ...scope }));
  });

  it('need a root of 32 bytes and a category label within its bounds', () => {
    expect(() => deriveIdentityKeys(root.slice(1))).toThrow('32 bytes');
    const tooLong = new Uint8Array(CRYPTO_LIMITS.categoryBytesMax + 1);
    for (const category of [new Uint8Array(0), tooLong])
      expect(() => deriveDelegatingKey(root, { ...scope, category })).toThrow('bounded');
  });
});

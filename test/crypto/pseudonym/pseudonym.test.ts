import { hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { encode } from '../../../src/base/canonical.ts';
import { addressOf } from '../../../src/base/digest.ts';
import { deriveDelegatingKey, deriveIdentityKeys } from '../../../src/crypto/keys.ts';
import { derivePseudonymKeys, type PseudonymScope, pseudonymOf } from '../../../src/crypto/pseudonym.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';

const primitives = nativePrimitives();
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const identityRoot = bytesFrom('identity root', 32);
const delegatingRoot = bytesFrom('delegating root', 32);
const scope: PseudonymScope = {
  chainId: bytesFrom('chain', 32) as Hash,
  hospital: bytesFrom('hospital A', 20) as Address,
  generation: 0,
};
const others: readonly PseudonymScope[] = [
  { ...scope, hospital: bytesFrom('hospital B', 20) as Address },
  { ...scope, chainId: bytesFrom('other chain', 32) as Hash },
  { ...scope, generation: 1 },
];

describe('a pseudonym', () => {
  it('is the address of its account key, the same whenever it is derived', () => {
    const one = pseudonymOf(primitives, identityRoot, scope);
    expect(one.id).toEqual(addressOf(primitives, one.account));
    expect(pseudonymOf(primitives, identityRoot.slice(), { ...scope })).toEqual(one);
  });

  it('has the keys that OpenSSL derives under its purpose and scope', () => {
    const keys = derivePseudonymKeys(identityRoot, scope);
    for (const [key, purpose] of [
      [keys.account, 'pseudonym-account'],
      [keys.fragmentSigning, 'pseudonym-fragment-signing'],
      [keys.receiving, 'pseudonym-receiving'],
    ] as const) {
      const info = Buffer.concat([Buffer.from(`carechain/key/v1/${purpose}\0`), encode({ ...scope })]);
      const uniform = Buffer.from(hkdfSync('sha256', identityRoot, Buffer.alloc(0), info, 48)).toString('hex');
      expect(toHex(key)).toBe(((BigInt(`0x${uniform}`) % (N - 1n)) + 1n).toString(16).padStart(64, '0'));
    }
  });

  it('is another at another hospital, chain and generation, in every key, and none is the base account’s', () => {
    const all = [scope, ...others].flatMap((each) => Object.values(derivePseudonymKeys(identityRoot, each)));
    const base = Object.values(deriveIdentityKeys(identityRoot));
    expect(new Set([...all, ...base].map(toHex)).size).toBe(15);
  });

  it('has delegating keys of its own for each category and epoch', () => {
    const ids = [scope, ...others].map((each) => pseudonymOf(primitives, identityRoot, each).id);
    const keys = ids.flatMap((pseudonym) =>
      [bytesFrom('general', 8), bytesFrom('imaging', 8)].flatMap((category) =>
        [0, 1].map((epoch) => toHex(deriveDelegatingKey(delegatingRoot, { pseudonym, category, epoch }))),
      ),
    );
    expect(new Set(keys).size).toBe(16);
  });

  it('counts its generations from 0, in integers', () => {
    for (const generation of [-1, 0.5, 2 ** 32])
      expect(() => derivePseudonymKeys(identityRoot, { ...scope, generation })).toThrow('generation');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { handleCommitment } from '../../../src/crypto/oprf/handle.ts';
import { isOneKey } from '../../../src/crypto/oprf/published-key.ts';
import { enrolmentCommitment } from '../../../src/crypto/oprf/salt.ts';
import { bytesFrom } from '../support/vectors.ts';
import { ceremony, primitives } from './ceremony.ts';

describe('a published handle key', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 4],
    [3, 7],
  ])('of %i among %i hospitals is one key, and with any share of another ceremony it is none', (threshold, holders) => {
    const { key } = ceremony(threshold, holders);
    const other = ceremony(threshold, holders, 'another').key;
    expect(isOneKey(primitives, key)).toBe(true);
    for (let i = 0; i < holders; i++) {
      const shareKeys = key.shareKeys.map((one, at) => (at === i ? (other.shareKeys[i] as PublicKey) : one));
      expect(isOneKey(primitives, { ...key, shareKeys })).toBe(false);
    }
    expect(isOneKey(primitives, { ...key, jointKey: other.jointKey })).toBe(false);
  });

  it('has the threshold that it was made with: another one is refused, and so are shares in another order', () => {
    const { key } = ceremony(3, 5);
    for (const threshold of [0, 1, 2, 6]) expect(isOneKey(primitives, { ...key, threshold })).toBe(false);
    expect(isOneKey(primitives, { ...key, shareKeys: [...key.shareKeys].reverse() })).toBe(false);
  });
});

describe('the commitment of an enrolment', () => {
  it('is one for an identity at a hospital, and another for every other handle and every other hospital', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (key, handle, other) => {
        fc.pre(toHex(handle) !== toHex(other));
        const of = (saltKey: Uint8Array, one: Uint8Array) =>
          toHex(enrolmentCommitment(primitives, saltKey, one as Hash));
        expect(of(key, handle)).toBe(of(key, handle));
        expect(new Set([of(key, handle), of(key, other), of(handle, handle), of(other, handle)]).size).toBeGreaterThan(
          2,
        );
        expect(of(key, handle)).not.toBe(toHex(handleCommitment(primitives, key, handle as Hash)));
      }),
      { numRuns: 50 },
    );
    expect(() => enrolmentCommitment(primitives, bytesFrom('short', 31), bytesFrom('handle', 32) as Hash)).toThrow();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey, Signature } from '../../src/base/brand.ts';
import type { Primitives } from '../../src/base/primitives.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { simulatedPrimitives } from '../../src/simulator/primitives.ts';
import { verifiedOnce } from '../../src/simulator/verified-once.ts';

const signer = simulatedPrimitives(noblePrimitives);
const secret = noblePrimitives.hash(Uint8Array.of(1)) as Uint8Array as SecretKey;
const publicKey = signer.publicKeyOf(secret);

function counted(): { readonly primitives: Primitives; readonly calls: () => number } {
  let calls = 0;
  const verify: Primitives['verify'] = (...question) => {
    calls++;
    return signer.verify(...question);
  };
  return { primitives: verifiedOnce({ ...signer, verify }), calls: () => calls };
}

const changedAt = <T extends Uint8Array>(bytes: T, at: number): T => {
  const copy = bytes.slice() as T;
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
};

describe('primitives that verify once', () => {
  it('ask the primitives below only the first time, whoever holds the bytes', () => {
    const { primitives, calls } = counted();
    const digest = signer.hash(Uint8Array.of(2));
    const signature = signer.sign(digest, secret);
    for (let i = 0; i < 3; i++)
      expect(
        primitives.verify(digest.slice() as Hash, signature.slice() as Signature, publicKey.slice() as PublicKey),
      ).toBe(true);
    expect(calls()).toBe(1);
  });

  it('never take one question for another: a bit of the digest, the signature or the key makes a new one', () => {
    const { primitives } = counted();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(129), (content, at) => {
        const digest = signer.hash(content);
        const signature = signer.sign(digest, secret);
        expect(primitives.verify(digest, signature, publicKey)).toBe(true);
        const forged: [Hash, Signature, PublicKey] =
          at < 32
            ? [changedAt(digest, at), signature, publicKey]
            : at < 97
              ? [digest, changedAt(signature, at - 32), publicKey]
              : [digest, signature, changedAt(publicKey, at - 97)];
        expect(primitives.verify(...forged)).toBe(false);
        expect(primitives.verify(...forged)).toBe(signer.verify(...forged));
      }),
    );
  });

  it('leave bytes of another form to the primitives below', () => {
    const { primitives, calls } = counted();
    const digest = signer.hash(Uint8Array.of(3));
    const short = signer.sign(digest, secret).slice(0, 64) as Signature;
    expect(primitives.verify(digest, short, publicKey)).toBe(false);
    expect(primitives.verify(digest, short, publicKey)).toBe(false);
    expect(calls()).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { noblePrimitives } from '../../../src/crypto/noble.ts';
import {
  CAPSULE_SIGNATURE_BYTES,
  signCapsule,
  verifyCapsuleSignature,
} from '../../../src/crypto/umbral/capsule-signature.ts';
import { G } from '../../../src/crypto/umbral/parameters.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { hex } from '../support/vectors.ts';
import { codeOf, entropyOf, flipped, makeCapsule, ORDER_HEX, secretOf } from './support.ts';

const native = nativePrimitives();
const delegatingPk = native.publicKeyOf(secretOf('owner'));
const { capsule, authorScalar } = makeCapsule(native, delegatingPk, 'mine');
const other = makeCapsule(native, delegatingPk, 'theirs');
const message = entropyOf('record, version, key, content id') as Hash;
const signature = signCapsule(native, { capsule, authorScalar, message, nonceEntropy: entropyOf('nonce') });
const INVALID = 'crypto-umbral.capsule-signature-invalid';

describe("a capsule author's signature", () => {
  it.each([native, noblePrimitives])('holds for this capsule and this message ($name)', (primitives) => {
    expect(signature).toHaveLength(CAPSULE_SIGNATURE_BYTES);
    expect(signCapsule(primitives, { capsule, authorScalar, message, nonceEntropy: entropyOf('nonce') })).toEqual(
      signature,
    );
    expect(codeOf(verifyCapsuleSignature(primitives, capsule, message, signature))).toBe('accepted');
  });

  it('does not hold for another message, another capsule, or the halves exchanged', () => {
    expect(codeOf(verifyCapsuleSignature(native, capsule, entropyOf('another') as Hash, signature))).toBe(INVALID);
    expect(codeOf(verifyCapsuleSignature(native, other.capsule, message, signature))).toBe(INVALID);
    const exchanged = { ...capsule, e: capsule.v, v: capsule.e };
    expect(codeOf(verifyCapsuleSignature(native, exchanged, message, signature))).toBe(INVALID);
  });

  it('cannot be made by whoever only has the capsule, nor by the author of another', () => {
    for (const scalar of [other.authorScalar, secretOf('a guess')]) {
      const forged = signCapsule(native, { capsule, authorScalar: scalar, message, nonceEntropy: entropyOf('x') });
      expect(codeOf(verifyCapsuleSignature(native, capsule, message, forged))).toBe(INVALID);
    }
  });

  it('is refused with any byte changed, a byte more or less, w of zero or the order, R or E + V at infinity', () => {
    for (let at = 0; at < signature.length; at++)
      expect(verifyCapsuleSignature(native, capsule, message, flipped(signature, at)).ok).toBe(false);
    const r = signature.slice(0, 33);
    const hostile = [
      signature.slice(1),
      Uint8Array.of(...signature, 0),
      new Uint8Array(0),
      Uint8Array.of(...r, ...new Uint8Array(32)),
      Uint8Array.of(...r, ...hex(ORDER_HEX)),
      Uint8Array.of(...new Uint8Array(33), ...signature.slice(33)),
    ];
    for (const bytes of hostile)
      for (const primitives of [native, noblePrimitives])
        expect(codeOf(verifyCapsuleSignature(primitives, capsule, message, bytes))).toBe(INVALID);
    const minusG = Uint8Array.from(G);
    minusG[0] = 3;
    const opposed = { ...capsule, e: G, v: minusG as typeof G };
    expect(codeOf(verifyCapsuleSignature(native, opposed, message, signature))).toBe(INVALID);
  });

  it('takes another nonce for every message, even where the entropy repeats: two would give r + u away', () => {
    const again = signCapsule(native, {
      capsule,
      authorScalar,
      message: entropyOf('another') as Hash,
      nonceEntropy: entropyOf('nonce'),
    });
    expect(again.slice(0, 33)).not.toEqual(signature.slice(0, 33));
  });
});

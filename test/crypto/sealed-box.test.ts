import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublicKey, SecretKey } from '../../src/base/brand.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { type BoxLabel, openBox, type SealedBox, sealBox } from '../../src/crypto/sealed-box.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom } from './support/vectors.ts';

const native = nativePrimitives();
const secretKey = bytesFrom('recipient', 32) as SecretKey;
const recipient = native.publicKeyOf(secretKey);
const entropy = bytesFrom('entropy', 48);
const label: BoxLabel = { purpose: 'fragment', context: bytesFrom('context', 10) };
const secret = bytesFrom('secret', 32);

function sealed(primitives = native): SealedBox {
  const box = sealBox(primitives, { recipient, entropy, label }, secret);
  if (!box.ok) throw new Error(box.rejection.code);
  return box.value;
}
const code = (code: string) => ({ ok: false, rejection: { code } });

describe('a sealed box', () => {
  it('opens for its recipient, under either primitives', () => {
    for (const [maker, opener] of [
      [native, noblePrimitives],
      [noblePrimitives, native],
    ] as const)
      expect(openBox(opener, { secretKey, label }, sealed(maker))).toEqual({ ok: true, value: secret });
  });

  it('opens for nobody else, for no other purpose and in no other context', () => {
    const wrong = [
      { secretKey: bytesFrom('other', 32) as SecretKey, label },
      { secretKey, label: { ...label, purpose: 'share' } as const },
      { secretKey, label: { ...label, context: bytesFrom('other', 10) } },
    ];
    for (const options of wrong) expect(openBox(native, options, sealed())).toMatchObject(code('crypto-box.wrong-key'));
  });

  it('tells a damaged content from a wrong key', () => {
    const box = sealed();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: box.sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = box.sealed.slice();
        changed[at] = (changed[at] as number) ^ bits;
        const expected = at < 32 ? 'crypto-box.wrong-key' : 'crypto-box.damaged';
        expect(openBox(native, { secretKey, label }, { ...box, sealed: changed })).toMatchObject(code(expected));
      }),
    );
  });

  it('refuses a recipient and a capsule that are no points', () => {
    const nowhere = new Uint8Array(33) as PublicKey;
    const refused = code('crypto-box.invalid-public-key');
    expect(sealBox(native, { recipient: nowhere, entropy, label }, secret)).toMatchObject(refused);
    expect(openBox(native, { secretKey, label }, { ...sealed(), capsule: nowhere })).toMatchObject(refused);
  });

  it('made of other entropy shares neither capsule nor bytes', () => {
    const other = sealBox(native, { recipient, entropy: bytesFrom('more', 48), label }, secret);
    expect(other.ok && other.value.capsule).not.toEqual(sealed().capsule);
    expect(other.ok && other.value.sealed).not.toEqual(sealed().sealed);
  });
});

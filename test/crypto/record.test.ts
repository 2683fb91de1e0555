import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { pad } from '../../src/crypto/padme.ts';
import { openRecord, type RecordName, recordContext, sealRecord } from '../../src/crypto/record.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { openIndependently, sealIndependently } from './support/independent-cobblestone.ts';
import { bytesFrom, hex, loadVectors } from './support/vectors.ts';

const native = nativePrimitives();
const key = bytesFrom('data key', 32);
const salt = bytesFrom('salt', 24);
const name: RecordName = {
  chainId: bytesFrom('chain', 32) as Hash,
  recordId: bytesFrom('record', 32),
  version: 1,
};

function seal(text: Uint8Array, primitives = native): Uint8Array {
  const sealed = sealRecord(primitives, { key, salt, name }, text);
  if (!sealed.ok) throw new Error(sealed.rejection.code);
  return sealed.value;
}

describe('a record', () => {
  it('is the padded text in Cobblestone-256, under the canonical encoding of its name', () => {
    const text = bytesFrom('text', 20_000);
    const sealed = seal(text);
    const context = encode({ chainId: name.chainId, recordId: name.recordId, version: 1 });
    expect(sealIndependently(key, salt, context, pad(text)).equals(sealed)).toBe(true);
    expect(openIndependently(key, recordContext(name), sealed).equals(pad(text))).toBe(true);
  });

  it('opens to the same bytes, under either primitives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (text) => {
        expect(openRecord(native, { key, name }, seal(text, noblePrimitives))).toEqual({ ok: true, value: text });
        expect(openRecord(noblePrimitives, { key, name }, seal(text))).toEqual({ ok: true, value: text });
      }),
      { numRuns: 30 },
    );
  });

  it('matches its published vectors', () => {
    const vectors = loadVectors('crypto/records.json') as Record<string, string | number>[];
    expect(vectors.length).toBe(3);
    for (const vector of vectors) {
      const vectorName = {
        chainId: hex(vector.chainId) as Hash,
        recordId: hex(vector.recordId),
        version: vector.version as number,
      };
      const options = { key: hex(vector.key), salt: hex(vector.salt), name: vectorName };
      const sealed = sealRecord(noblePrimitives, options, hex(vector.plaintext));
      expect(sealed.ok && toHex(sealed.value)).toBe(vector.record);
      const opened = openRecord(noblePrimitives, options, hex(vector.record));
      expect(opened.ok && toHex(opened.value)).toBe(vector.plaintext);
    }
  });

  it('says nothing of its exact length: 4,000 and 4,080 bytes make the same', () => {
    expect(seal(new Uint8Array(4_000)).length).toBe(seal(new Uint8Array(4_080)).length);
  });

  it.each([
    ['another chain', { ...name, chainId: bytesFrom('other', 32) as Hash }],
    ['another record', { ...name, recordId: bytesFrom('other', 32) }],
    ['another version', { ...name, version: 2 }],
  ])('does not open as %s', (_, other) => {
    const opened = openRecord(native, { key, name: other }, seal(bytesFrom('text', 10)));
    expect(opened).toMatchObject({ ok: false, rejection: { code: 'crypto-record.commitment-mismatch' } });
  });

  it('whose text carries no padding is refused, though every byte is authentic', () => {
    const sealed = sealIndependently(key, salt, recordContext(name), new Uint8Array(100).fill(7));
    const opened = openRecord(native, { key, name }, sealed);
    expect(opened).toMatchObject({ ok: false, rejection: { code: 'crypto-padding.malformed' } });
  });

  it('larger than what is held in memory is refused on both sides', () => {
    const tooMuch = new Uint8Array(CRYPTO_LIMITS.recordAtOnceBytesMax + 1);
    const tooLarge = { ok: false, rejection: { code: 'crypto-record.too-large' } };
    expect(sealRecord(native, { key, salt, name }, tooMuch)).toMatchObject(tooLarge);
    const tooLong = new Uint8Array(CRYPTO_LIMITS.recordAtOnceBytesMax * 1.25 + 1);
    expect(openRecord(native, { key, name }, tooLong)).toMatchObject(tooLarge);
  });
});

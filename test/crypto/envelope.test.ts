import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey, Signature } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  envelopeCommitment,
  openEnvelope,
  type SealEnvelopeInput,
  sealEnvelope,
  verifyEnvelope,
} from '../../src/crypto/envelope.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom } from './support/vectors.ts';

const native = nativePrimitives();
const delegatingSecret = bytesFrom('delegating', 32) as SecretKey;
const chainId = bytesFrom('chain', 32) as Hash;
const cid = bytesFrom('cid', 36);
const input: SealEnvelopeInput = {
  name: { chainId, recordId: bytesFrom('record', 32), version: 1 },
  keyId: { category: bytesFrom('category', 20), epoch: 7 },
  cid,
  dataKey: bytesFrom('data key', 32),
  delegatingKey: native.publicKeyOf(delegatingSecret),
  authorSecret: bytesFrom('author', 32) as SecretKey,
  entropy: bytesFrom('entropy', 48),
};

function envelope(primitives = native): Envelope {
  const sealed = sealEnvelope(primitives, input);
  if (!sealed.ok) throw new Error(sealed.rejection.code);
  return sealed.value;
}
const code = (code: string) => ({ ok: false, rejection: { code } });
const fields = (changes: Record<string, unknown>) => encode({ ...envelope(), ...changes } as unknown as Canonical);

describe('an envelope', () => {
  it('is the same bytes from either primitives, and its bytes decode to it', () => {
    const bytes = encodeEnvelope(envelope());
    expect(toHex(encodeEnvelope(envelope(noblePrimitives)))).toBe(toHex(bytes));
    const decoded = decodeEnvelope(bytes);
    expect(decoded.ok && toHex(encodeEnvelope(decoded.value))).toBe(toHex(bytes));
    expect(bytes.length).toBeLessThan(CRYPTO_LIMITS.envelopeBytesMax);
  });

  it('gives its data key to the holder of the delegating secret', () => {
    expect(openEnvelope(native, { chainId, delegatingSecret }, envelope())).toEqual({ ok: true, value: input.dataKey });
  });

  it('gives no key to another secret, on another chain, or after its record, version or key id was changed', () => {
    const wrongKey = code('crypto-box.wrong-key');
    const other = { chainId, delegatingSecret: bytesFrom('other', 32) as SecretKey };
    expect(openEnvelope(native, other, envelope())).toMatchObject(wrongKey);
    const elsewhere = { chainId: bytesFrom('other', 32) as Hash, delegatingSecret };
    expect(openEnvelope(native, elsewhere, envelope())).toMatchObject(wrongKey);
    const changes: Partial<Envelope>[] = [
      { recordId: bytesFrom('other', 32) },
      { version: 2 },
      { keyId: { ...input.keyId, epoch: 8 } },
      { keyId: { ...input.keyId, category: bytesFrom('other', 20) } },
    ];
    for (const change of changes)
      expect(openEnvelope(native, { chainId, delegatingSecret }, { ...envelope(), ...change })).toMatchObject(wrongKey);
  });

  it('is its author’s for one chain, record, version, key id, content id and capsule', () => {
    expect(verifyEnvelope(native, { chainId, cid }, envelope())).toEqual({ ok: true, value: null });
    expect(verifyEnvelope(noblePrimitives, { chainId, cid }, envelope()).ok).toBe(true);
    const changes: Partial<Envelope>[] = [
      { recordId: bytesFrom('other', 32) },
      { version: 2 },
      { keyId: { ...input.keyId, epoch: 8 } },
      { keyId: { ...input.keyId, category: bytesFrom('other', 20) } },
      { capsule: native.publicKeyOf(bytesFrom('other', 32) as SecretKey) },
      { author: native.publicKeyOf(bytesFrom('other', 32) as SecretKey) },
      { authorSignature: new Uint8Array(65) as Signature },
    ];
    const refused = code('crypto-envelope.author-mismatch');
    for (const change of changes)
      expect(verifyEnvelope(native, { chainId, cid }, { ...envelope(), ...change })).toMatchObject(refused);
    expect(verifyEnvelope(native, { chainId, cid: bytesFrom('other', 36) }, envelope())).toMatchObject(refused);
    expect(verifyEnvelope(native, { chainId: bytesFrom('o', 32) as Hash, cid }, envelope())).toMatchObject(refused);
  });

  it('is refused with a delegating key that is no point', () => {
    const sealed = sealEnvelope(native, { ...input, delegatingKey: new Uint8Array(33) as PublicKey });
    expect(sealed).toMatchObject(code('crypto-box.invalid-public-key'));
  });

  it('is refused with any field missing, unknown, of another type or out of its bounds', () => {
    for (const name of Object.keys(envelope())) {
      const { [name as keyof Envelope]: _, ...rest } = envelope();
      const bytes = encode(rest as unknown as Canonical);
      expect(decodeEnvelope(bytes), name).toMatchObject(code('shape.missing-field'));
      const ofNoType = decodeEnvelope(fields({ [name]: null }));
      const expected = name === 'scheme' ? 'shape.out-of-range' : 'shape.wrong-type';
      expect(ofNoType, name).toMatchObject(code(expected));
    }
    expect(decodeEnvelope(fields({ extra: 1 }))).toMatchObject(code('shape.unknown-field'));
    const outOfRange = code('shape.out-of-range');
    expect(decodeEnvelope(fields({ scheme: 'umbral-v1' }))).toMatchObject(outOfRange);
    expect(decodeEnvelope(fields({ version: CRYPTO_LIMITS.versionMax + 1 }))).toMatchObject(outOfRange);
    expect(decodeEnvelope(fields({ wrappedKey: new Uint8Array(79) }))).toMatchObject(outOfRange);
    const longCategory = new Uint8Array(CRYPTO_LIMITS.categoryBytesMax + 1);
    for (const category of [new Uint8Array(0), longCategory])
      expect(decodeEnvelope(fields({ keyId: { category, epoch: 1 } }))).toMatchObject(outOfRange);
  });

  it('is refused at every truncation, empty, and beyond its size limit', () => {
    const bytes = encodeEnvelope(envelope());
    for (let length = 0; length < bytes.length; length++)
      expect(decodeEnvelope(bytes.subarray(0, length)).ok).toBe(false);
    const huge = new Uint8Array(CRYPTO_LIMITS.envelopeBytesMax + 1);
    expect(decodeEnvelope(huge)).toMatchObject(code('encoding.too-large'));
  });
});

describe('the commitment to an envelope', () => {
  it('is SHA-256 of salt and bytes', () => {
    const [salt, bytes] = [bytesFrom('salt', 32), encodeEnvelope(envelope())];
    const expected = createHash('sha256').update(salt).update(bytes).digest('hex');
    expect(toHex(envelopeCommitment(native, salt, bytes))).toBe(expected);
  });

  it('has a salt of one length, so that no byte moves between salt and envelope', () => {
    const bytes = encodeEnvelope(envelope());
    const longer = concat(bytesFrom('salt', 32), bytes.subarray(0, 1));
    expect(() => envelopeCommitment(native, longer, bytes.subarray(1))).toThrow('salt length');
  });
});

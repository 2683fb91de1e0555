import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import {
  CAPSULE_BYTES,
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
  author: native.publicKeyOf(bytesFrom('author', 32) as SecretKey),
  entropy: bytesFrom('entropy', 64),
};

function envelope(primitives = native): Envelope {
  const sealed = sealEnvelope(primitives, input);
  if (!sealed.ok) throw new Error(sealed.rejection.code);
  return sealed.value;
}
const code = (code: string) => ({ ok: false, rejection: { code } });
const capsuleBytes = () => encodeEnvelope(envelope()).slice(0, CAPSULE_BYTES);
const fields = (changes: Record<string, unknown>) => {
  const { capsule: _, ...rest } = envelope();
  return concat(capsuleBytes(), encode({ ...rest, ...changes } as unknown as Canonical));
};

describe('an envelope', () => {
  it('is the same bytes from either primitives, and its bytes decode to it', () => {
    const bytes = encodeEnvelope(envelope());
    expect(toHex(encodeEnvelope(envelope(noblePrimitives)))).toBe(toHex(bytes));
    const decoded = decodeEnvelope(native, bytes);
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
    expect(verifyEnvelope(native, { chainId, cid }, envelope())).toMatchObject({ ok: true });
    expect(verifyEnvelope(noblePrimitives, { chainId, cid }, envelope()).ok).toBe(true);
    const changes: Partial<Envelope>[] = [
      { recordId: bytesFrom('other', 32) },
      { version: 2 },
      { keyId: { ...input.keyId, epoch: 8 } },
      { keyId: { ...input.keyId, category: bytesFrom('other', 20) } },
      { author: native.publicKeyOf(bytesFrom('other', 32) as SecretKey) },
      { capsuleSignature: new Uint8Array(65) },
    ];
    const refused = code('crypto-envelope.author-mismatch');
    for (const change of changes)
      expect(verifyEnvelope(native, { chainId, cid }, { ...envelope(), ...change })).toMatchObject(refused);
    expect(verifyEnvelope(native, { chainId, cid: bytesFrom('other', 36) }, envelope())).toMatchObject(refused);
    expect(verifyEnvelope(native, { chainId: bytesFrom('o', 32) as Hash, cid }, envelope())).toMatchObject(refused);
  });

  it('is refused with a delegating key that is no point', () => {
    const sealed = sealEnvelope(native, { ...input, delegatingKey: new Uint8Array(33) as PublicKey });
    expect(sealed).toMatchObject(code('crypto-umbral.not-a-point'));
  });

  it('is refused with any field missing, unknown, of another type or out of its bounds', () => {
    const { capsule: _capsule, ...all } = envelope();
    for (const name of Object.keys(all)) {
      const { [name as keyof typeof all]: _, ...rest } = all;
      const bytes = concat(capsuleBytes(), encode(rest as unknown as Canonical));
      expect(decodeEnvelope(native, bytes), name).toMatchObject(code('shape.missing-field'));
      const ofNoType = decodeEnvelope(native, fields({ [name]: null }));
      const expected = name === 'scheme' ? 'shape.out-of-range' : 'shape.wrong-type';
      expect(ofNoType, name).toMatchObject(code(expected));
    }
    expect(decodeEnvelope(native, fields({ extra: 1 }))).toMatchObject(code('shape.unknown-field'));
    const outOfRange = code('shape.out-of-range');
    expect(decodeEnvelope(native, fields({ scheme: 'umbral-v2' }))).toMatchObject(outOfRange);
    expect(decodeEnvelope(native, fields({ version: CRYPTO_LIMITS.versionMax + 1 }))).toMatchObject(outOfRange);
    expect(decodeEnvelope(native, fields({ wrappedKey: new Uint8Array(79) }))).toMatchObject(outOfRange);
    const longCategory = new Uint8Array(CRYPTO_LIMITS.categoryBytesMax + 1);
    for (const category of [new Uint8Array(0), longCategory])
      expect(decodeEnvelope(native, fields({ keyId: { category, epoch: 1 } }))).toMatchObject(outOfRange);
  });

  it('is refused at every truncation, empty, and beyond its size limit', () => {
    const bytes = encodeEnvelope(envelope());
    for (let length = 0; length < bytes.length; length++)
      expect(decodeEnvelope(native, bytes.subarray(0, length)).ok).toBe(false);
    const huge = concat(capsuleBytes(), new Uint8Array(CRYPTO_LIMITS.envelopeBytesMax + 1));
    expect(decodeEnvelope(native, huge)).toMatchObject(code('encoding.too-large'));
  });
});

describe('an envelope with a capsule of somebody else', () => {
  it('is refused: only who made the capsule signs as its author', () => {
    const mine = envelope();
    const theirs = sealEnvelope(native, { ...input, entropy: bytesFrom('their entropy', 64) });
    if (!theirs.ok) throw new Error(theirs.rejection.code);
    const copied = { ...mine, capsule: theirs.value.capsule };
    expect(verifyEnvelope(native, { chainId, cid }, copied)).toMatchObject(code('crypto-envelope.author-mismatch'));
    const renamed = { ...theirs.value, author: native.publicKeyOf(bytesFrom('thief', 32) as SecretKey) };
    expect(verifyEnvelope(native, { chainId, cid }, renamed)).toMatchObject(code('crypto-envelope.author-mismatch'));
  });

  it('is refused where nobody knows the capsule’s secrets', () => {
    const { capsule } = envelope();
    const forged = { ...capsule, e: native.publicKeyOf(bytesFrom('other', 32) as SecretKey) };
    const refused = verifyEnvelope(native, { chainId, cid }, { ...envelope(), capsule: forged });
    expect(refused).toMatchObject(code('crypto-umbral.capsule-invalid'));
  });
});

describe('the commitment to an envelope', () => {
  it('is SHA-256 of salt, capsule and the hash of the rest, so that a capsule can be shown alone', () => {
    const [salt, bytes] = [bytesFrom('salt', 32), encodeEnvelope(envelope())];
    const restHash = createHash('sha256').update(bytes.subarray(CAPSULE_BYTES)).digest();
    const expected = createHash('sha256').update(salt).update(capsuleBytes()).update(restHash).digest('hex');
    expect(toHex(envelopeCommitment(native, salt, bytes))).toBe(expected);
  });

  it('has a salt of one length, so that no byte moves between salt and envelope', () => {
    const bytes = encodeEnvelope(envelope());
    const longer = concat(bytesFrom('salt', 32), bytes.subarray(0, 1));
    expect(() => envelopeCommitment(native, longer, bytes.subarray(1))).toThrow('salt length');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import {
  openReason,
  REASON_BYTES_MAX,
  REASON_READERS_MAX,
  type ReasonName,
  reasonEntropyBytes,
  SEALED_REASON_BYTES,
  sealedReasonShape,
  sealReason,
} from '../../src/crypto/break-glass-reason.ts';
import { scalarFromUniform } from '../../src/crypto/keys.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';

const primitives = nativePrimitives();
const bytes = (length: number, seed: number): Uint8Array =>
  new Uint8Array(length).map((_, i) => (i * 31 + seed) & 0xff);
const reader = (seed: number) => {
  const secretKey = scalarFromUniform(bytes(48, seed));
  return { id: bytes(20, seed) as Address, secretKey, key: primitives.publicKeyOf(secretKey) };
};
const [patient, reviewer, stranger] = [reader(1), reader(2), reader(3)];
const name: ReasonName = {
  chainId: bytes(32, 4) as Hash,
  record: bytes(32, 5),
  owner: patient.id,
  reader: stranger.id,
};
const readers = [patient, reviewer];
const seal = (text: string, of = readers) =>
  sealReason(primitives, name, { text, readers: of, entropy: bytes(reasonEntropyBytes(of.length), 9) });
const sealed = (text: string) => {
  const result = seal(text);
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
};

describe('a sealed reason', () => {
  it('opens to each of its readers, whatever it says, and is as long as any other', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
          .filter((text) => text.trim() !== '' && utf8(text).length <= REASON_BYTES_MAX && !text.startsWith('\uFEFF')),
        (text) => {
          const reason = sealed(text);
          expect(reason.sealed).toHaveLength(SEALED_REASON_BYTES);
          expect(sealedReasonShape(reason, '').ok).toBe(true);
          for (const one of readers)
            expect(openReason(primitives, name, one, reason)).toEqual({ ok: true, value: text });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is at most as long as its limit, and never empty', () => {
    expect(seal('x'.repeat(REASON_BYTES_MAX)).ok).toBe(true);
    for (const text of ['', ' \n', 'x'.repeat(REASON_BYTES_MAX + 1)])
      expect(seal(text)).toMatchObject({ rejection: { code: 'crypto-reason.length' } });
  });

  it('has no more readers than its limit', () => {
    const many = Array.from({ length: REASON_READERS_MAX + 1 }, (_, i) => reader(10 + i));
    expect(() => seal('x', many)).toThrow();
  });

  it('opens to nobody else, and not with another key', () => {
    expect(openReason(primitives, name, stranger, sealed('x'))).toMatchObject({
      rejection: { code: 'crypto-reason.not-for-you' },
    });
    expect(openReason(primitives, name, { ...patient, secretKey: reviewer.secretKey }, sealed('x'))).toMatchObject({
      rejection: { code: 'crypto-box.wrong-key' },
    });
  });

  it.each(['chainId', 'record', 'owner', 'reader'] as const)(
    'is for one break of the glass: not for another %s',
    (field) => {
      const other = { ...name, [field]: name[field].map((byte) => byte ^ 1) };
      expect(openReason(primitives, other, patient, sealed('x'))).toMatchObject({
        rejection: { code: 'crypto-box.wrong-key' },
      });
    },
  );

  it('opens no more where a byte of it is another', () => {
    const reason = sealed('x');
    for (const at of [0, 40, SEALED_REASON_BYTES - 1]) {
      const altered = reason.sealed.with(at, (reason.sealed[at] as number) ^ 1);
      expect(openReason(primitives, name, patient, { ...reason, sealed: altered }).ok).toBe(false);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { createUnpadder, pad, paddingOf, paddingPieces, padmeLength, unpad } from '../../src/crypto/padme.ts';

/** Bytes that are mostly the two that matter: the marker and zero. */
const texts = fc.array(fc.constantFrom(0, 0x80, 1), { maxLength: 80 }).map((list) => Uint8Array.from(list));

function unpadInPieces(padded: Uint8Array, cuts: readonly number[]): { text: Uint8Array; ok: boolean } {
  const unpadder = createUnpadder();
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const cut of [...cuts, padded.length]) {
    const end = Math.min(padded.length, at + cut);
    pieces.push(...unpadder.update(padded.slice(at, end)));
    at = end;
  }
  return { text: concat(...pieces), ok: unpadder.finish().ok };
}

describe('Padmé', () => {
  // From the formula: E = ⌊log₂ L⌋, S = ⌊log₂ E⌋ + 1, the last E − S bits become zero, upwards.
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [8, 8],
    [9, 10],
    [15, 16],
    [100, 104],
    [1_000, 1_024],
    [65_537, 67_584],
    [1_000_000, 1_015_808],
    [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
  ])('makes %i bytes %i', (length, padded) => {
    expect(padmeLength(length)).toBe(padded);
  });

  it('never shrinks, adds less than 12 %, keeps order, and leaves its own lengths alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (length) => {
        const padded = padmeLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded - length).toBeLessThanOrEqual(length * 0.12);
        expect(padmeLength(padded)).toBe(padded);
        expect(padmeLength(length + 1)).toBeGreaterThanOrEqual(padded);
      }),
    );
  });

  it('hides lengths: 2^20 lengths become fewer than 400', () => {
    const lengths = new Set<number>();
    for (let length = 1; length < 2 ** 20; length += 7) lengths.add(padmeLength(length));
    expect(lengths.size).toBeLessThan(400);
  });
});

describe('the pad', () => {
  it('comes off again, whatever the text ends in', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const padded = pad(text);
        expect(padded.length).toBe(padmeLength(text.length + 1));
        expect(unpad(padded)).toEqual({ ok: true, value: text });
      }),
    );
  });

  it('comes off in pieces as it does whole', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 10 }), (text, cuts) => {
        expect(unpadInPieces(pad(text), cuts)).toEqual({ text, ok: true });
      }),
      { numRuns: 400 },
    );
  });

  it('is refused whole exactly where it is refused in pieces', () => {
    let refused = 0;
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 10 }), (bytes, cuts) => {
        const whole = unpad(bytes);
        if (!whole.ok) refused++;
        const pieces = unpadInPieces(bytes, cuts);
        expect(pieces.ok).toBe(whole.ok);
        if (whole.ok) expect(pieces.text).toEqual(whole.value);
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it('is refused without a marker, empty, too short and too long', () => {
    const text = new Uint8Array(100).fill(7);
    const longer = concat(text, Uint8Array.of(0x80), new Uint8Array(11));
    const shorter = concat(text, Uint8Array.of(0x80));
    for (const bytes of [new Uint8Array(0), new Uint8Array(16), text, longer, shorter])
      expect(unpad(bytes)).toMatchObject({ ok: false, rejection: { code: 'crypto-padding.malformed' } });
  });

  it('in pieces never holds back more than the padding of what it let through', () => {
    const unpadder = createUnpadder();
    const text = new Uint8Array(1_000).fill(7);
    expect(bytesOf(unpadder.update(concat(text, Uint8Array.of(0x80))))).toBe(1_000);
    const most = paddingOf(1_000).length - 1;
    expect(bytesOf(unpadder.update(new Uint8Array(most)))).toBe(0);
    expect(bytesOf(unpadder.update(new Uint8Array(1)))).toBe(most + 2);
    expect(unpadder.finish().ok).toBe(false);
  });
});

const bytesOf = (pieces: Iterable<Uint8Array>): number => [...pieces].reduce((sum, piece) => sum + piece.length, 0);

describe('padding in pieces', () => {
  it('is the padding, in pieces of at most 64 KiB', () => {
    for (const length of [0, 1, 255, 16_384, 5_000_000, 40_000_001]) {
      const pieces = [...paddingPieces(length)];
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(65_536);
      expect(Buffer.compare(concat(...pieces), paddingOf(length))).toBe(0);
    }
  });

  it('that proves to be text is let through in pieces of at most 64 KiB', () => {
    const unpadder = createUnpadder();
    const text = new Uint8Array(64_000_000);
    for (const _ of unpadder.update(text.fill(1))) _;
    for (const _ of unpadder.update(Uint8Array.of(0x80))) _;
    for (let zeros = 0; zeros < 30; zeros++) expect(bytesOf(unpadder.update(new Uint8Array(10_000)))).toBe(0);
    const released = [...unpadder.update(Uint8Array.of(5))];
    expect(bytesOf(released)).toBe(300_002);
    expect(Math.max(...released.map((piece) => piece.length))).toBeLessThanOrEqual(65_536);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { bodyOf, FrameDecoder, frame } from '../../src/network/framing.ts';

const LIMIT_BYTES = 1_000;
const body = fc.uint8Array({ minLength: 1, maxLength: LIMIT_BYTES });

/** The pieces of `bytes` between the given cuts, as a network might deliver them. */
const cutAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const bounds = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, i) => bytes.subarray(bounds[i], end));
};

const header = (lengthBytes: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, lengthBytes);
  return bytes;
};

describe('framing', () => {
  it('gives back the bodies in order, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (bodies, cuts) => {
        const decoder = new FrameDecoder(LIMIT_BYTES);
        const decoded = cutAt(concat(...bodies.map(frame)), cuts).flatMap((piece) => {
          const pushed = decoder.push(piece);
          return pushed.ok ? pushed.value : [];
        });
        expect(decoded).toEqual(bodies);
      }),
    );
  });

  it('gives bodies byte by byte too', () => {
    const decoder = new FrameDecoder(LIMIT_BYTES);
    const bytes = new Uint8Array(LIMIT_BYTES).map((_, i) => i);
    const decoded = [...frame(bytes)].map((byte) => decoder.push(Uint8Array.of(byte)));
    expect(decoded.at(-1)).toEqual({ ok: true, value: [bytes] });
    expect(decoded.slice(0, -1).every((pushed) => pushed.ok && pushed.value.length === 0)).toBe(true);
  });

  it('takes a body of the limit and refuses one byte more, from its header alone', () => {
    const largest = new Uint8Array(LIMIT_BYTES);
    expect(new FrameDecoder(LIMIT_BYTES).push(frame(largest))).toEqual({ ok: true, value: [largest] });
    for (const lengthBytes of [LIMIT_BYTES + 1, 0xffff_ffff])
      expect(new FrameDecoder(LIMIT_BYTES).push(header(lengthBytes))).toMatchObject({
        ok: false,
        rejection: { code: 'network-frame.too-large' },
      });
  });

  it('refuses an empty frame', () => {
    expect(new FrameDecoder(LIMIT_BYTES).push(header(0))).toMatchObject({
      ok: false,
      rejection: { code: 'network-frame.empty' },
    });
  });

  it('keeps no reference to the bytes it was given', () => {
    const piece = frame(Uint8Array.of(1, 2, 3));
    const pushed = new FrameDecoder(LIMIT_BYTES).push(piece);
    piece.fill(0);
    expect(pushed).toEqual({ ok: true, value: [Uint8Array.of(1, 2, 3)] });
  });

  it('frames a body as its length and itself', () => {
    expect(frame(Uint8Array.of(7, 8))).toEqual(Uint8Array.of(0, 0, 0, 2, 7, 8));
    expect(bodyOf(frame(Uint8Array.of(7, 8)))).toEqual(Uint8Array.of(7, 8));
    expect(() => frame(new Uint8Array(0))).toThrow('a frame has a body');
  });
});

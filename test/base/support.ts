import fc from 'fast-check';
import type { Canonical } from '../../src/base/canonical.ts';
import type { Result } from '../../src/base/result.ts';

/** The code of a refusal, or 'ok'. */
export const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.rejection.code);

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Text that UTF-8 can hold. A leading U+FEFF has a test of its own: decoders take it for a byte order mark. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !/\p{Surrogate}|\ufeff/u.test(value));

/** Every kind of value that the chain encodes, nested. */
export const canonicalValue: fc.Arbitrary<Canonical> = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Canonical>(null, true, false, 0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
    fc.maxSafeInteger().map((n) => n + 0),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(text, tie('value'), { maxKeys: 30 }),
  ),
})).value;

/** A CBOR head in its shortest form (RFC 8949, section 4.2.1). */
function head(major: number, n: number): Uint8Array {
  if (n < 24) return Uint8Array.of((major << 5) | n);
  const [info, width] = n < 0x100 ? [24, 1] : n < 0x1_0000 ? [25, 2] : n < 0x1_0000_0000 ? [26, 4] : [27, 8];
  const digits = BigInt(n)
    .toString(16)
    .padStart(2 * (width as number), '0');
  return new Uint8Array(Buffer.from(((major << 5) | (info as number)).toString(16).padStart(2, '0') + digits, 'hex'));
}

/** DAG-CBOR written from its specification alone: the independent opinion on `encode`. */
export function referenceEncode(value: Canonical): Buffer {
  if (value === null) return Buffer.of(0xf6);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return Buffer.from(value >= 0 ? head(0, value) : head(1, -1 - value));
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(referenceEncode)]);
  const entries = Object.entries(value as Record<string, Canonical>)
    .map(([key, item]) => [Buffer.from(key), item] as const)
    .sort(([a], [b]) => a.length - b.length || Buffer.compare(a, b));
  const pairs = entries.flatMap(([key, item]) => [Buffer.from(head(3, key.length)), key, referenceEncode(item)]);
  return Buffer.concat([head(5, entries.length), ...pairs]);
}

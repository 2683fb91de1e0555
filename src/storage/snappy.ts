import { readVarint } from './varint.ts';

/**
 * Uncompresses a block of Snappy's raw format (google/snappy, format_description.txt); `undefined` where it is none. `bytesMax`
 * bounds the result before anything is made.
 */
export function snappyUncompress(bytes: Uint8Array, bytesMax: number): Uint8Array | undefined {
  const length = readVarint(bytes, 0);
  if (length === undefined || length.value > bytesMax) return undefined;
  const out = new Uint8Array(length.value);
  let from = length.end;
  let to = 0;
  while (from < bytes.length) {
    const element = readElement(bytes, from);
    const fits = element !== undefined && to + element.length <= out.length && element.end <= bytes.length;
    if (!fits || (element.copyFrom !== null && (element.copyFrom === 0 || element.copyFrom > to))) return undefined;
    if (element.copyFrom === null) out.set(bytes.subarray(element.end - element.length, element.end), to);
    // A copy may reach into what it writes itself: byte by byte.
    else for (let i = to; i < to + element.length; i++) out[i] = out[i - element.copyFrom] as number;
    to += element.length;
    from = element.end;
  }
  return to === out.length ? out : undefined;
}

interface Element {
  readonly length: number;
  /** How far back to copy from; null for a literal, whose bytes are the last ones before `end`. */
  readonly copyFrom: number | null;
  readonly end: number;
}

function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const tag = bytes[at] as number;
  const upper = tag >> 2;
  const little = (from: number, count: number): number => {
    let value = 0;
    for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[from + i] ?? 0);
    return value;
  };
  switch (tag & 3) {
    case 0: {
      const sizeBytes = Math.max(0, upper - 59);
      const length = (sizeBytes === 0 ? upper : little(at + 1, sizeBytes)) + 1;
      return { length, copyFrom: null, end: at + 1 + sizeBytes + length };
    }
    case 1:
      return { length: (upper & 7) + 4, copyFrom: (tag >> 5) * 256 + little(at + 1, 1), end: at + 2 };
    case 2:
      return { length: upper + 1, copyFrom: little(at + 1, 2), end: at + 3 };
    default:
      return { length: upper + 1, copyFrom: little(at + 1, 4), end: at + 5 };
  }
}

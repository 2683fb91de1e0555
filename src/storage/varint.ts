/** A little-endian base-128 number of at most 53 bits, and where it ends; `undefined` where there is none. */
export function readVarint(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let scale = 1;
  for (let i = at; i < bytes.length && scale <= 2 ** 49; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, end: i + 1 } : undefined;
    scale *= 128;
  }
  return undefined;
}
